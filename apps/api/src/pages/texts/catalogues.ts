import { pickLocale } from '#libs/notifications';
import type { Frame, ReasonName } from '../view-models.js';
import { en } from './en.js';
import { nl } from './nl.js';
import { REASON_ACTIONS } from './reason-actions.js';
import type { ReasonText, UiTexts } from './ui-texts.js';

const CATALOGUES = { nl, en } as const satisfies Record<string, UiTexts>;

/** The languages that pages are written in. */
export const UI_LOCALES = Object.keys(CATALOGUES) as readonly UiLocale[];
export type UiLocale = keyof typeof CATALOGUES;

/** The first of these languages that pages are written in; null: none, and the school's is the next to ask. */
export const uiLocale = (wanted: readonly string[]): string | null =>
  wanted.find((tag) => Object.hasOwn(CATALOGUES, tag.toLowerCase().split('-')[0]!)) ?? null;

/** The catalogue for a reader: the own language, else the school's, else English. */
export function uiTexts(frame: Pick<Frame, 'locale' | 'schoolLocale'>): { locale: UiLocale; texts: UiTexts } {
  const locale = pickLocale(CATALOGUES, frame.locale, frame.schoolLocale);
  return { locale, texts: CATALOGUES[locale] };
}

/** One sentence and one action for a reason (P7). */
export const reasonText = (texts: UiTexts, reason: ReasonName): ReasonText => ({
  sentence: texts.reason[reason],
  action: REASON_ACTIONS[reason],
});

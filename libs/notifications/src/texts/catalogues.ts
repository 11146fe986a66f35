import { en } from './en.js';
import type { MailTexts } from './mail-texts.js';
import { nl } from './nl.js';
import { pickLocale } from './pick-locale.js';

const CATALOGUES = { nl, en } as const satisfies Record<string, MailTexts>;

/** The languages that mails are written in. */
export const MAIL_LOCALES = Object.keys(CATALOGUES) as readonly MailLocale[];
export type MailLocale = keyof typeof CATALOGUES;

/** The catalogue for a reader: the own language, else the school's, else English. */
export function mailTexts(
  locale: string | null,
  schoolLocale: string | null,
): { locale: MailLocale; texts: MailTexts } {
  const picked = pickLocale(CATALOGUES, locale, schoolLocale);
  return { locale: picked, texts: CATALOGUES[picked] };
}

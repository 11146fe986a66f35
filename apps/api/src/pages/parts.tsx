import type { ComponentChildren } from 'preact';
import type { ProviderName } from '#libs/providers';
import type { UiTexts } from './texts/ui-texts.js';
import type { LoginName, StatusName } from './view-models.js';

export const LOGIN_LABELS: Readonly<Record<LoginName, string>> = { google: 'Google', microsoft: 'Microsoft' };
export const PROVIDER_LABELS: Readonly<Record<ProviderName, string>> = {
  'google-meet': 'Google Meet',
  'microsoft-teams': 'Microsoft Teams',
};

/** Colour helps, the word tells. */
export const Badge = ({ status, texts }: { status: StatusName; texts: UiTexts }) => (
  <span class={`badge badge-${status}`}>{texts.status[status]}</span>
);

/** One action, one form: works without a script, and the Origin check guards it. */
export const ActionForm = (props: {
  action: string;
  fields?: Readonly<Record<string, string>>;
  look?: 'primary' | 'plain' | 'quiet';
  /** For readers who hear the button without its row. */
  label?: string;
  before?: ComponentChildren;
  children: ComponentChildren;
}) => (
  <form method="post" action={props.action} class="action">
    {Object.entries(props.fields ?? {}).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    {props.before}
    <button class={props.look ?? 'plain'} aria-label={props.label}>
      {props.children}
    </button>
  </form>
);

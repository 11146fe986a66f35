import { pageRoutes } from './page-routes.js';
import { LOGIN_LABELS } from './parts.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { WaitingForReader } from './view-models.js';

/** On every page of staff: what waits for the reader's login, in all schools, and the one thing to do about it (P1). */
export const WaitingBanner = (props: { waiting: readonly WaitingForReader[]; to: string; texts: UiTexts }) => {
  const { waiting, to, texts } = props;
  const t = texts.waiting;
  const sum = (what: 'meetings' | 'removals') => waiting.reduce((total, one) => total + one[what], 0);
  const [meetings, removals] = [sum('meetings'), sum('removals')];
  if (meetings + removals === 0) return null;
  return (
    <section class="card banner" aria-label={t.label}>
      {meetings > 0 && (
        <p>
          <strong>{t.meetings(meetings)}</strong>
        </p>
      )}
      {removals > 0 && (
        <p>
          <strong>{t.removals(removals)}</strong>
        </p>
      )}
      {waiting.map(({ login, account }) => {
        const label = LOGIN_LABELS[login];
        return (
          <div class="chip">
            <span>
              {account === null ? (
                t.connect(label)
              ) : (
                <>
                  {t.connectAs(label)} <bdi class="account">{account.reveal()}</bdi>
                </>
              )}
            </span>
            <a class="button" href={pageRoutes.connect(login, to)}>
              {texts.evening.connect(label)}
            </a>
          </div>
        );
      })}
      <p class="soft">{t.after}</p>
    </section>
  );
};

import { dayText } from '#libs/notifications';
import { EveningAccounts } from './evening-accounts.js';
import { EveningColleagues } from './evening-colleagues.js';
import { EveningRows } from './evening-rows.js';
import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { Counts, EveningModel } from './view-models.js';
import { WaitingBanner } from './waiting-banner.js';

/**
 * `/evenings/{id}`: the account, the one button, the progress, the own rows, the colleagues. What carries `data-live`
 * is fetched anew by the live script, so that every word and button is written in one place.
 */
export function renderEveningPage(model: EveningModel): string {
  const { locale, texts } = uiTexts(model.frame);
  const t = texts.evening;
  return renderPage(
    { frame: model.frame, title: model.evening.name, live: true },
    <div
      data-stream={pageRoutes.progressStream(model.evening.id)}
      data-visits={pageRoutes.visits}
      data-me={pageRoutes.me}
      data-viewer={model.viewerId}
    >
      <h1>
        <bdi>{model.evening.name}</bdi>
      </h1>
      <p class="soft">{dayText(model.date, locale, model.timeZone)}</p>
      <Connection texts={texts} to={pageRoutes.evening(model.evening.id)} />
      <div data-live="waiting">
        <WaitingBanner waiting={model.waiting} to={pageRoutes.evening(model.evening.id)} texts={texts} />
      </div>
      {model.isTeacher && (
        <div data-live="accounts">
          <EveningAccounts model={model} texts={texts} />
        </div>
      )}
      <Progress counts={model.progress} texts={texts} />
      {model.isTeacher && (
        <section data-live="own" data-teacher={model.viewerId}>
          <h2>{t.own}</h2>
          {model.rows.length === 0 ? (
            <p class="card">{t.noOwn}</p>
          ) : (
            <EveningRows
              model={model}
              rows={model.rows}
              teacherId={model.viewerId}
              caption={t.own}
              locale={locale}
              texts={texts}
            />
          )}
        </section>
      )}
      <section data-live="colleagues">
        <h2>{t.colleagues}</h2>
        {model.colleagues.length === 0 ? (
          <p class="card">{t.noColleagues}</p>
        ) : (
          <EveningColleagues model={model} locale={locale} texts={texts} />
        )}
      </section>
    </div>,
  );
}

/** What the live script shows when the page is no longer kept up to date. Nothing without a script. */
const Connection = ({ texts, to }: { texts: UiTexts; to: string }) => {
  const { lost, signedOut, somebodyElse, reload } = texts.connection;
  return (
    <div role="alert">
      {[
        ['lost', lost],
        ['signed-out', signedOut],
        ['somebody-else', somebodyElse],
      ].map(([why, sentence]) => (
        <p class="card banner" data-connection={why} hidden>
          {sentence} <a href={to}>{reload}</a>
        </p>
      ))}
    </div>
  );
};

const Progress = ({ counts, texts }: { counts: Counts; texts: UiTexts }) => {
  const t = texts.evening;
  const summary = t.progressSummary.replace('{ready}', String(counts.ready)).replace('{total}', String(counts.total));
  const numbers = [
    ['ready', t.readyLabel, counts.ready],
    ['working', t.workingLabel, counts.working],
    ['needsOwner', t.needsOwnerLabel, counts.needsOwner],
    ['failed', t.failedLabel, counts.failed],
  ] as const;
  return (
    <section class="card" aria-labelledby="progress-title">
      <h2 id="progress-title">{t.progress}</h2>
      <progress id="progress" aria-labelledby="progress-title" max={Math.max(counts.total, 1)} value={counts.ready} />
      <p id="progress-summary" role="status" data-template={t.progressSummary}>
        {summary}
      </p>
      <dl class="counts">
        {numbers.map(([name, label, value]) => (
          <div class={`count count-${name}`}>
            <dt>{label}</dt>
            <dd data-count={name}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

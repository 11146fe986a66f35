import { pageRoutes } from './page-routes.js';
import { LOGIN_LABELS } from './parts.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { ErasureModel } from './view-models.js';

/** What became of "erase my data": how it stands, what the reader can do, when it is done at the latest, and the receipt. */
export function renderErasurePage({ frame, erasure, timeZone, isOwn, logins }: ErasureModel): string {
  const { locale, texts } = uiTexts(frame);
  const t = texts.ownData.erasure;
  const whose = isOwn ? t.own : t.others;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  const { state, provider } = erasure;
  const here = pageRoutes.erasure(erasure.id);
  const isDone = state === 'done';
  const due = day.format(new Date(erasure.dueAt));
  const facts: [string, string][] = [
    [t.stateLabel, t.state[state]],
    [t.requestedAt, format.format(new Date(erasure.requestedAt))],
    erasure.doneAt === null
      ? [t.dueAt, format.format(new Date(erasure.dueAt))]
      : [t.doneAt, format.format(new Date(erasure.doneAt))],
  ];
  return renderPage(
    { frame, title: whose.title },
    <>
      <h1>{whose.title}</h1>
      <section class="card">
        <dl class="facts">{facts.flatMap(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>])}</dl>
        {!isDone && <p>{state === 'waiting_for_owner' ? t.dueWaiting(due) : t.dueSentence(due)}</p>}
        {provider.waiting > 0 && <p>{isDone ? whose.leftBehind(provider.waiting) : whose.waiting(provider.waiting)}</p>}
        {logins.length > 0 && (
          <>
            <p>
              <strong>{t.connect}</strong>
            </p>
            {logins.map((login) => (
              <p>
                <a class="button" href={pageRoutes.connect(login, here)}>
                  {texts.evening.connect(LOGIN_LABELS[login])}
                </a>
              </p>
            ))}
          </>
        )}
        <p class="soft">{t.keepAddress}</p>
        {!isDone && (
          <p>
            <a class="button" href={here}>
              {t.again}
            </a>
          </p>
        )}
        <ul class="links">
          <li>
            <a href={pageRoutes.erasureJson(erasure.id)}>{t.asJson}</a>
          </li>
        </ul>
      </section>
      {erasure.receipt !== null && (
        <section class="card">
          <h2>{t.receipt}</h2>
          <p>
            <code>{erasure.receipt}</code>
          </p>
        </section>
      )}
    </>,
  );
}

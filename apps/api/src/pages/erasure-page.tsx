import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { ErasureModel } from './view-models.js';

/** What became of "erase my data": how it stands, when it is done at the latest, and the receipt. */
export function renderErasurePage({ frame, erasure, timeZone }: ErasureModel): string {
  const { locale, texts } = uiTexts(frame);
  const t = texts.ownData.erasure;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  const { state, provider } = erasure;
  const isDone = state === 'done';
  const facts: [string, string][] = [
    [t.stateLabel, t.state[state]],
    [t.requestedAt, format.format(new Date(erasure.requestedAt))],
    erasure.doneAt === null
      ? [t.dueAt, format.format(new Date(erasure.dueAt))]
      : [t.doneAt, format.format(new Date(erasure.doneAt))],
  ];
  return renderPage(
    { frame, title: t.title },
    <>
      <h1>{t.title}</h1>
      <section class="card">
        <dl class="facts">{facts.flatMap(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>])}</dl>
        {!isDone && <p>{t.dueSentence(day.format(new Date(erasure.dueAt)))}</p>}
        {provider.waiting > 0 && <p>{isDone ? t.leftBehind(provider.waiting) : t.waiting(provider.waiting)}</p>}
        <p class="soft">{t.keepAddress}</p>
        {!isDone && (
          <p>
            <a class="button" href={pageRoutes.erasure(erasure.id)}>
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

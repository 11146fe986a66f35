import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { ErrorModel } from './view-models.js';

/** What went wrong and what to do. An unknown 4xx reads as 400, any other status as 500; the number shown is the real one. */
export function renderErrorPage(model: ErrorModel): string {
  const { texts } = uiTexts(model.frame);
  const known = model.isForeign === true ? texts.foreignOrigin : texts.error[kindOf(model.status, texts)];
  const wait = model.retryAfterSeconds ?? 0;
  return renderPage(
    { frame: model.frame, title: known.title },
    <>
      <h1>{known.title}</h1>
      <section class="card">
        <p>{known.sentence}</p>
        <p>
          <strong>{wait > 0 ? texts.errorWait(wait) : known.todo}</strong>
        </p>
        <p>
          <a class="button" href={pageRoutes.home}>
            {texts.backHome}
          </a>
        </p>
        <p class="soft">
          {model.status}
          {typeof model.requestId === 'string' && <> · {texts.errorQuote(model.requestId)}</>}
        </p>
      </section>
    </>,
  );
}

function kindOf(status: number, texts: UiTexts): keyof UiTexts['error'] {
  if (Object.hasOwn(texts.error, String(status))) return String(status) as keyof UiTexts['error'];
  return status >= 400 && status < 500 ? '400' : '500';
}

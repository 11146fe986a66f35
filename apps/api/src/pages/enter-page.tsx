import { pageRoutes } from './page-routes.js';
import { ActionForm } from './parts.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { EnterModel } from './view-models.js';

/** A ticket for somebody else than who is signed in: asks first, so that a link cannot switch accounts unseen. */
export function renderEnterPage(model: EnterModel): string {
  const t = uiTexts(model.frame).texts.enter;
  return renderPage(
    { frame: model.frame, title: t.title },
    <>
      <h1>{t.title}</h1>
      <section class="card">
        <p>{t.sentence(model.signedInAs, model.enteringAs)}</p>
        <ActionForm action={pageRoutes.enter} fields={{ ticket: model.ticket.reveal(), to: model.to }} look="primary">
          {t.go(model.enteringAs)}
        </ActionForm>
        <p>
          <a class="tap" href={pageRoutes.home}>
            {t.stay}
          </a>
        </p>
      </section>
    </>,
  );
}

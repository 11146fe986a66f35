import { pageRoutes } from './page-routes.js';
import { LOGIN_LABELS } from './parts.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { LoginRefusedModel } from './view-models.js';

/** Why connecting an account did not work, and the next step. */
export function renderLoginRefusedPage(model: LoginRefusedModel): string {
  const { texts } = uiTexts(model.frame);
  const refused = texts.loginRefused[model.reason];
  const consentUrl = model.reason === 'admin-consent-needed' ? (model.adminConsentUrl ?? null) : null;
  return renderPage(
    { frame: model.frame, title: refused.title },
    <>
      <h1>{refused.title}</h1>
      <section class="card">
        <p>{refused.sentence}</p>
        <p>
          <strong>{refused.todo}</strong>
        </p>
        {consentUrl !== null && (
          <p>
            <a class="tap" href={consentUrl} rel="noreferrer noopener">
              {texts.adminConsentLink}
            </a>
          </p>
        )}
        {model.reason === 'configuration' ? (
          <a class="button" href={pageRoutes.home}>
            {texts.backHome}
          </a>
        ) : (
          <a class="button" href={pageRoutes.connect(model.login, model.to)}>
            {texts.retryLogin(LOGIN_LABELS[model.login])}
          </a>
        )}
      </section>
    </>,
  );
}

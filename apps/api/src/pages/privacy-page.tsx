import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { PrivacyModel } from './view-models.js';

/** `/privacy`: what is true, in plain words; every sentence is a promise that tests prove. */
export function renderPrivacyPage(model: PrivacyModel): string {
  const { texts } = uiTexts(model.frame);
  const t = texts.privacy;
  return renderPage(
    { frame: model.frame, title: t.title },
    <>
      <h1>{t.title}</h1>
      {t.sections.map((section) => (
        <section class="card">
          <h2>{section.title}</h2>
          {section.sentences.map((sentence) => (
            <p>{sentence}</p>
          ))}
        </section>
      ))}
      <section class="card">
        {model.region !== '' && <p>{t.region(model.region)}</p>}
        <ul class="links">
          <Contact label={t.contact} contact={model.privacyContact} />
          <Contact label={t.security} contact={model.securityContact} />
          <li>
            <a href={pageRoutes.whatWeStore}>{t.whatWeStore}</a>
          </li>
        </ul>
      </section>
    </>,
  );
}

const Contact = ({ label, contact }: { label: string; contact: string | null }) => {
  if (contact === null || contact === '') return null;
  const href = /^(https:|mailto:)/i.test(contact) ? contact : `mailto:${contact}`;
  return (
    <li>
      {label}: <a href={href}>{contact.replace(/^mailto:/i, '')}</a>
    </li>
  );
};

import { dayText, spanText } from '#libs/notifications';
import { pageRoutes } from './page-routes.js';
import { Badge } from './parts.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { HomeModel } from './view-models.js';
import { WaitingBanner } from './waiting-banner.js';

/** `/`: the evenings of staff, the own slots of a parent, the way in for everybody else. */
export function renderHomePage(model: HomeModel): string {
  const { locale, texts } = uiTexts(model.frame);
  const t = texts.home;
  return renderPage(
    { frame: model.frame, title: t.title },
    <>
      <h1>{t.title}</h1>
      {model.signedIn && <WaitingBanner waiting={model.waiting ?? []} to={pageRoutes.home} texts={texts} />}
      {model.signedIn && model.erasure && (
        <section class="card banner" aria-label={texts.waiting.label}>
          <p>
            <strong>{texts.waiting.erasure(model.erasure.meetings)}</strong>
          </p>
          <p>
            <a class="button" href={pageRoutes.erasure(model.erasure.id)}>
              {texts.waiting.toErasure}
            </a>
          </p>
        </section>
      )}
      {!model.signedIn && (
        <section class="card">
          {t.signedOut.map((sentence) => (
            <p>{sentence}</p>
          ))}
        </section>
      )}
      {model.signedIn && model.evenings && <Evenings evenings={model.evenings} locale={locale} texts={texts} />}
      {model.signedIn && model.conferences && <Own conferences={model.conferences} locale={locale} texts={texts} />}
      {model.signedIn && model.privacy === true && (
        <Links
          title={t.privacy}
          links={[
            [pageRoutes.whatWeStore, t.whatWeStore],
            [pageRoutes.erasuresJson, t.erasures],
            [pageRoutes.auditJson, t.audit],
            [pageRoutes.auditVerdictJson, t.auditVerdict],
            [pageRoutes.docs, t.docs],
          ]}
        />
      )}
      {model.signedIn && model.ops === true && (
        <Links
          title={t.ops}
          links={[
            [pageRoutes.ops, t.opsPage],
            [pageRoutes.queues, t.queues],
          ]}
        />
      )}
    </>,
  );
}

const Links = (props: { title: string; links: readonly (readonly [href: string, says: string])[] }) => (
  <section class="card">
    <h2>{props.title}</h2>
    <ul class="links">
      {props.links.map(([href, says]) => (
        <li>
          <a href={href}>{says}</a>
        </li>
      ))}
    </ul>
  </section>
);

const Evenings = (props: { evenings: NonNullable<HomeModel['evenings']>; locale: string; texts: UiTexts }) => {
  const t = props.texts.home;
  return (
    <section>
      <h2>{t.evenings}</h2>
      {props.evenings.length === 0 && <p class="card">{t.noEvenings}</p>}
      <ul class="cards">
        {props.evenings.map((evening) => (
          <li>
            <a class="card tile" href={pageRoutes.evening(evening.id)}>
              <strong>
                <bdi>{evening.name}</bdi>
              </strong>
              <span class="soft">{dayText(evening.date, props.locale, evening.timeZone)}</span>
              <span>{evening.total === 0 ? props.texts.status.none : t.ready(evening.ready, evening.total)}</span>
              {evening.needsOwner > 0 && (
                <span class="badge badge-needs_owner">{t.needsOwner(evening.needsOwner)}</span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Own = (props: { conferences: NonNullable<HomeModel['conferences']>; locale: string; texts: UiTexts }) => {
  const t = props.texts.home;
  return (
    <section>
      <h2>{t.own}</h2>
      {props.conferences.length === 0 && <p class="card">{t.noOwn}</p>}
      <ul class="cards">
        {props.conferences.map((own) => (
          <li class="card tile">
            <strong>
              <bdi>{own.teacherName || props.texts.theTeacher}</bdi>
            </strong>
            <span class="soft">{dayText(own.start, props.locale, own.timeZone)}</span>
            <span>{spanText(own.start, own.end, props.locale, own.timeZone)}</span>
            {!own.joinable && <Badge status={own.status} texts={props.texts} />}
            <a class="button" href={own.joinLink.reveal()}>
              {t.open}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

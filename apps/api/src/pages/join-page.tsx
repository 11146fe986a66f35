import { dayText, spanText, timeText } from '#libs/notifications';
import { ActionForm } from './parts.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { JoinModel } from './view-models.js';

/** `/j/{token}`: for a parent, on any phone, without a script. */
export function renderJoinPage(model: JoinModel): string {
  const { locale, texts } = uiTexts(model.frame);
  const t = texts.join;
  const path = model.joinPath.reveal();
  const { state } = model;
  const isAhead =
    state.kind === 'early' || state.kind === 'open' || state.kind === 'not-ready' || state.kind === 'sign-in';
  const teacher = model.teacherName || texts.theTeacher;
  const owner = model.ownerName ?? '';
  return renderPage(
    { frame: { ...model.frame, signedInAs: null }, title: t.title(teacher) },
    <>
      <h1>{t.title(teacher)}</h1>
      <section class="card">
        <dl class="facts">
          <dt>{t.with}</dt>
          <dd>
            <bdi>{teacher}</bdi>
          </dd>
          {owner !== '' && owner !== teacher && (
            <>
              <dt>{t.owner}</dt>
              <dd>
                <bdi>{owner}</bdi>
              </dd>
            </>
          )}
          <dt>{t.day}</dt>
          <dd>{dayText(model.start, locale, model.timeZone)}</dd>
          <dt>{t.time}</dt>
          <dd>{spanText(model.start, model.end, locale, model.timeZone)}</dd>
        </dl>
        <p class={`state state-${state.kind}`} role="status">
          {sentence(model, texts, locale)}
        </p>
        {state.kind === 'open' && (
          <ActionForm action={path} look="primary">
            {t.join}
          </ActionForm>
        )}
        {(state.kind === 'early' || state.kind === 'not-ready') && (
          <p>
            <a class="button" href={path}>
              {t.again}
            </a>
          </p>
        )}
        {isAhead && (
          <p>
            <a class="tap" href={`${path}/calendar.ics`}>
              {t.calendar}
            </a>
          </p>
        )}
      </section>
      <p class="soft">{t.personal}</p>
    </>,
  );
}

function sentence({ state, timeZone }: JoinModel, texts: UiTexts, locale: string): string {
  const t = texts.join;
  switch (state.kind) {
    case 'early':
      return t.early(timeText(state.opens, locale, timeZone), state.minutesBefore);
    case 'open':
      return t.open;
    case 'over':
      return t.over;
    case 'cancelled':
      return t.cancelled;
    case 'removed':
      return t.removed;
    case 'not-ready':
      return t.notReady;
    case 'sign-in':
      return t.signIn;
  }
}

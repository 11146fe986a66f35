import { timeText } from '#libs/notifications';
import { pageRoutes } from './page-routes.js';
import { ActionForm, Badge, LOGIN_LABELS, PROVIDER_LABELS } from './parts.js';
import { rowButton } from './row-button.js';
import { reasonText } from './texts/catalogues.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { EveningModel, EveningRow } from './view-models.js';

interface RowsProps {
  readonly model: EveningModel;
  readonly rows: readonly EveningRow[];
  /** Person id of the slots' teacher. */
  readonly teacherId: string;
  readonly caption: string;
  readonly locale: string;
  readonly texts: UiTexts;
}

/** The slots of one teacher: time, state in words, and the one thing to do. */
export const EveningRows = (props: RowsProps) => {
  const t = props.texts.evening;
  return (
    <table class="rows">
      <caption class="hidden">{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.time}</th>
          <th scope="col">{t.state}</th>
          <th scope="col">{t.todo}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row {...props} row={row} />
        ))}
      </tbody>
    </table>
  );
};

const Row = (props: RowsProps & { row: EveningRow }) => {
  const { row, texts, model, locale } = props;
  const start = timeText(row.start, locale, model.timeZone);
  const isParkedButJoinable = row.joinable && row.status !== 'ready' && row.status !== 'over';
  return (
    <tr data-timeslot={row.timeslotId} data-status={row.status}>
      <th scope="row">
        <span class="nowrap">
          {start}–{timeText(row.end, locale, model.timeZone)}
        </span>
      </th>
      <td>
        <Badge status={row.status} texts={texts} />
        {row.leftIn !== null && <LeftIn owner={row.leftIn} texts={texts} />}
        {row.reason !== null && <p class="soft">{reasonText(texts, row.reason).sentence}</p>}
        {isParkedButJoinable && <p class="soft">{texts.evening.joinableStill}</p>}
      </td>
      <td>
        <div class="todo">
          {row.meetingUrl !== null && row.joinable && (
            <a class="button small" href={row.meetingUrl.reveal()} rel="noreferrer noopener" target="_blank">
              {texts.evening.open}
              <span class="hidden"> {texts.evening.at(start)}</span>
            </a>
          )}
          <RowAction {...props} start={start} />
        </div>
      </td>
    </tr>
  );
};

/** Whose account still has a meeting that should be gone: whom to ask, where the provider goes on refusing. */
const LeftIn = ({ owner, texts }: { owner: NonNullable<EveningRow['leftIn']>; texts: UiTexts }) => {
  const account = owner.account.reveal();
  return (
    <p class="soft">
      {texts.evening.leftIn} <bdi>{owner.name || texts.erasedPerson}</bdi>
      {account !== '' && (
        <>
          {' '}
          (<bdi class="account">{account}</bdi>)
        </>
      )}
      .
    </p>
  );
};

const RowAction = ({ row, model, texts, teacherId, start }: RowsProps & { row: EveningRow; start: string }) => {
  const t = texts.evening;
  const button = rowButton(row, teacherId);
  const says = (words: string) => `${words} ${t.at(start)}`;
  switch (button?.kind) {
    case undefined:
      return null;
    case 'connect': {
      const words = t.connect(LOGIN_LABELS[button.login]);
      return (
        <a
          class="button small"
          href={pageRoutes.connect(button.login, pageRoutes.evening(model.evening.id))}
          aria-label={says(words)}
        >
          {words}
        </a>
      );
    }
    case 'retry':
      return (
        <ActionForm action={pageRoutes.retry(model.evening.id, row.timeslotId)} label={says(t.retry)}>
          {t.retry}
        </ActionForm>
      );
    case 'remove':
      return (
        <ActionForm action={pageRoutes.remove(model.evening.id, row.timeslotId)} look="quiet" label={says(t.remove)}>
          {t.remove}
        </ActionForm>
      );
    case 'take-over': {
      const words = t.takeOver(PROVIDER_LABELS[button.provider]);
      return (
        <ActionForm
          action={pageRoutes.takeOver(model.evening.id, row.timeslotId)}
          fields={{ from: button.from, provider: button.provider }}
          label={says(words)}
        >
          {words}
        </ActionForm>
      );
    }
  }
};

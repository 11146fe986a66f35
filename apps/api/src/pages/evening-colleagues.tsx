import type { Secret } from '#libs/encryption';
import { EveningRows } from './evening-rows.js';
import { pageRoutes } from './page-routes.js';
import { ActionForm, PROVIDER_LABELS } from './parts.js';
import type { UiTexts } from './texts/ui-texts.js';
import type { EveningModel } from './view-models.js';

type Colleague = EveningModel['colleagues'][number];
interface Props {
  readonly model: EveningModel;
  readonly locale: string;
  readonly texts: UiTexts;
}

/** R7: whose account was used, so that one knows whom to ask; and a way to take the evening over (P6). */
export const EveningColleagues = (props: Props) => {
  const t = props.texts.evening;
  return (
    <table class="rows">
      <caption class="hidden">{t.colleagues}</caption>
      <thead>
        <tr>
          <th scope="col">{t.teacher}</th>
          <th scope="col">{t.account}</th>
          <th scope="col">{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {props.model.colleagues.map((colleague) => (
          <Row {...props} colleague={colleague} />
        ))}
      </tbody>
    </table>
  );
};

const Row = ({ colleague, model, texts, locale }: Props & { colleague: Colleague }) => {
  const t = texts.evening;
  const owners = ownersOf(colleague);
  const teacher = colleague.teacher.name || texts.erasedPerson;
  const caption = `${t.slots(colleague.rows.length)}: ${teacher}`;
  return (
    <tr>
      <th scope="row">
        <bdi>{teacher}</bdi>
      </th>
      <td>
        {owners.length === 0 && <span class="soft">{t.noAccount}</span>}
        {owners.map((owner) => (
          <p class="owner">
            <bdi>{owner.name || texts.erasedAccount}</bdi>{' '}
            {owner.account.reveal() !== '' && (
              <a class="account" href={mailto(owner.account)}>
                {owner.account.reveal()}
              </a>
            )}
          </p>
        ))}
      </td>
      <td>
        <CountBadges colleague={colleague} texts={texts} />
        {colleague.takeOver.map(({ from, provider }) => (
          <ActionForm
            action={pageRoutes.takeOverEvening(model.evening.id)}
            fields={{ from, provider }}
            look={colleague.counts.needsOwner > 0 ? 'primary' : 'plain'}
          >
            {t.takeOverAll(teacher, PROVIDER_LABELS[provider])}
          </ActionForm>
        ))}
        {needsHint(model, colleague) && <p class="soft">{t.takeOverAfterConnecting}</p>}
        {colleague.rows.length > 0 && (
          <details data-key={colleague.teacher.id}>
            <summary>{t.slots(colleague.rows.length)}</summary>
            <EveningRows
              model={model}
              rows={colleague.rows}
              teacherId={colleague.teacher.id}
              caption={caption}
              locale={locale}
              texts={texts}
            />
          </details>
        )}
      </td>
    </tr>
  );
};

/** A colleague is away, and this reader could help once an account is connected. */
const needsHint = (model: EveningModel, colleague: Colleague) =>
  model.isTeacher && colleague.counts.needsOwner > 0 && model.accounts.every(({ account }) => account === null);

const CountBadges = ({ colleague, texts }: { colleague: Colleague; texts: UiTexts }) => {
  const { ready, working, needsOwner, failed } = colleague.counts;
  const badges = [
    ['ready', texts.status.ready, ready],
    ['creating', texts.evening.workingLabel, working],
    ['needs_owner', texts.status.needs_owner, needsOwner],
    ['failed', texts.status.failed, failed],
  ] as const;
  return (
    <p class="badges">
      {badges.map(([name, label, count]) =>
        count > 0 ? (
          <span class={`badge badge-${name}`}>
            {label}: {count}
          </span>
        ) : null,
      )}
    </p>
  );
};

function ownersOf(colleague: Colleague): readonly { name: string; account: Secret }[] {
  const owners = new Map<string, { name: string; account: Secret }>();
  for (const { owner } of colleague.rows) {
    if (owner !== null) owners.set(`${owner.id} ${owner.account.reveal()}`, owner);
  }
  return [...owners.values()];
}

/** An address may hold `?` or `&`; they must not become a subject or a copy to somebody else. */
const mailto = (account: Secret) => `mailto:${encodeURIComponent(account.reveal()).replace('%40', '@')}`;

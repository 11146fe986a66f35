import { pageRoutes } from './page-routes.js';
import { ActionForm, LOGIN_LABELS, PROVIDER_LABELS } from './parts.js';
import type { UiTexts } from './texts/ui-texts.js';
import { LOGIN_OF, type EveningModel, type LoginName } from './view-models.js';

interface Props {
  readonly model: EveningModel;
  readonly texts: UiTexts;
}

/** Which accounts are connected here, shown before anything is made in them, and the button for the whole evening. */
export const EveningAccounts = ({ model, texts }: Props) => {
  const t = texts.evening;
  const to = pageRoutes.evening(model.evening.id);
  const isDone =
    model.offers.length > 0 &&
    model.offers.every((offer) => offer.missing === 0) &&
    model.offers.some((o) => o.some > 0);
  return (
    <section class="card">
      <h2>{t.accounts}</h2>
      <ul class="accounts">
        {model.accounts.map(({ login, account }) => (
          <li>
            {account === null ? (
              <>
                <a class="button" href={pageRoutes.connect(login, to)}>
                  {t.connect(LOGIN_LABELS[login])}
                </a>
                <p class="soft">{promise(model, texts, login)}</p>
              </>
            ) : (
              <>
                <div class="chip">
                  <span>
                    {LOGIN_LABELS[login]} {t.connected}: <bdi class="account">{account.reveal()}</bdi>
                  </span>
                  <ActionForm
                    action={pageRoutes.forget(login)}
                    fields={{ to }}
                    look="quiet"
                    label={`${t.forget}: ${LOGIN_LABELS[login]}`}
                  >
                    {t.forget}
                  </ActionForm>
                </div>
                <p class="soft">{promise(model, texts, login)}</p>
                <Offers model={model} texts={texts} login={login} account={account.reveal()} />
              </>
            )}
          </li>
        ))}
      </ul>
      {isDone && <p>{t.allDone}</p>}
    </section>
  );
};

const Offers = ({ model, texts, login, account }: Props & { login: LoginName; account: string }) => {
  const t = texts.evening;
  const action = pageRoutes.addConferences(model.evening.id);
  const offers = model.offers.filter((offer) => LOGIN_OF[offer.provider] === login);
  return (
    <>
      {offers.map((offer) => {
        const fields = { provider: offer.provider };
        const isSecondPress = offer.some > 0;
        return (
          <>
            {offer.missing > 0 && (
              <ActionForm
                action={action}
                fields={isSecondPress ? { ...fields, onlyMissing: 'true' } : fields}
                look="primary"
                before={
                  <p>
                    {t.addIn(account)}
                    {isSecondPress && ` ${t.onlyMissing}`}
                  </p>
                }
              >
                {t.add(offer.missing, PROVIDER_LABELS[offer.provider])}
              </ActionForm>
            )}
            {offer.replaceable > 0 && (
              <ActionForm action={action} fields={fields} look="quiet">
                {t.replace(offer.replaceable, PROVIDER_LABELS[offer.provider])}
              </ActionForm>
            )}
          </>
        );
      })}
    </>
  );
};

const promise = (model: EveningModel, texts: UiTexts, login: LoginName) => {
  if (login === 'microsoft') return texts.evening.promiseMicrosoft;
  return model.googleOwnCalendar ? texts.evening.promiseGoogle : texts.evening.promiseGooglePrimary;
};

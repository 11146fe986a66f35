import { scopeInWords } from '../google/scopes.js';
import { AccountChoice, type ChoiceAccount } from './account-choice.js';
import { HiddenFields, Layout } from './layout.js';

export const GoogleConsentPage = (props: {
  accounts: ChoiceAccount[];
  loginHint?: string;
  scopes: string[];
  hidden: Record<string, string | undefined>;
}) => (
  <Layout title="Sign in with Google (sandbox)">
    <p class="soft">Google · sandbox</p>
    <h1>Video Conferences wants access to your account</h1>
    <form method="post">
      <HiddenFields values={props.hidden} />
      <AccountChoice accounts={props.accounts} loginHint={props.loginHint} />
      {props.scopes.length > 0 && (
        <fieldset>
          <legend>Select what Video Conferences can access</legend>
          {props.scopes.map((scope) => (
            <label class="choice" key={scope}>
              <input type="checkbox" name="granted_scope" value={scope} checked />
              <span>{scopeInWords(scope)}</span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="soft">It also sees your name and e-mail address.</p>
      <div class="actions">
        <button type="submit" name="decision" value="deny">
          Cancel
        </button>
        <button type="submit" name="decision" value="allow" class="main">
          Allow
        </button>
      </div>
    </form>
  </Layout>
);

import { AccountChoice, type ChoiceAccount } from './account-choice.js';
import { HiddenFields, Layout } from './layout.js';

type Hidden = Record<string, string | undefined>;

export const MicrosoftConsentPage = (props: { accounts: ChoiceAccount[]; loginHint?: string; hidden: Hidden }) => (
  <Layout title="Sign in with Microsoft (sandbox)">
    <p class="soft">Microsoft · sandbox</p>
    <h1>Permissions requested by Video Conferences</h1>
    <form method="post">
      <HiddenFields values={props.hidden} />
      <AccountChoice accounts={props.accounts} loginHint={props.loginHint} />
      <p>This app would like to:</p>
      <ul>
        <li>Read and create your online meetings</li>
        <li>Sign you in and read your name and e-mail address</li>
        <li>Keep this access until you end it</li>
      </ul>
      <Decision allow="Accept" deny="Cancel" />
    </form>
  </Layout>
);

export const AdminConsentPage = (props: { domains: string[]; hidden: Hidden }) => (
  <Layout title="Approve for your school (sandbox)">
    <p class="soft">Microsoft · sandbox</p>
    <h1>Approve Video Conferences for everybody in your school</h1>
    <form method="post">
      <HiddenFields values={props.hidden} />
      <fieldset>
        <legend>Your school</legend>
        {props.domains.map((domain, index) => (
          <label class="choice" key={domain}>
            <input type="radio" name="domain" value={domain} checked={index === 0} />
            <span>{domain}</span>
          </label>
        ))}
      </fieldset>
      <p>Teachers can then let it read and create their online meetings.</p>
      <Decision allow="Accept" deny="Cancel" />
    </form>
  </Layout>
);

const Decision = (props: { allow: string; deny: string }) => (
  <div class="actions">
    <button type="submit" name="decision" value="deny">
      {props.deny}
    </button>
    <button type="submit" name="decision" value="allow" class="main">
      {props.allow}
    </button>
  </div>
);

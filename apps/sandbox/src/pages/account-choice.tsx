export interface ChoiceAccount {
  email: string;
  name: string;
}

/** One radio button per known account, and a field for any other. The hinted account comes first and is chosen. */
export const AccountChoice = (props: { accounts: ChoiceAccount[]; loginHint?: string }) => {
  const hint = props.loginHint?.toLowerCase();
  const hinted = props.accounts.filter(({ email }) => email === hint);
  const unknownHint =
    hint !== undefined && hint.includes('@') && hinted.length === 0 ? [{ email: hint, name: hint }] : [];
  const shown = [...unknownHint, ...hinted, ...props.accounts.filter(({ email }) => email !== hint)];
  return (
    <fieldset>
      <legend>Choose an account</legend>
      {shown.map(({ email, name }, index) => (
        <label class="choice" key={email}>
          <input type="radio" name="account" value={email} checked={index === 0} />
          <span>
            {name}
            <small>{email}</small>
          </span>
        </label>
      ))}
      <label class="choice">
        <span style="flex: 1">
          Use another address
          <input type="email" name="other_account" autocomplete="off" placeholder="name@school.example" />
        </span>
      </label>
    </fieldset>
  );
};

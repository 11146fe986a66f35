import type { LedgerEntry } from '../world/ledger.js';
import { Layout } from './layout.js';

export const MeetingPage = (props: { provider: string; entry: LedgerEntry | undefined }) => {
  const { provider, entry } = props;
  if (!entry) {
    return (
      <Layout title="No such meeting">
        <p class="soft">{provider} · sandbox</p>
        <h1>Check your meeting code</h1>
        <p>There is no such meeting, or it was removed.</p>
      </Layout>
    );
  }
  return (
    <Layout title="You are in the meeting">
      <p class="soft">{provider} · sandbox</p>
      <h1>You are in the meeting “{entry.subject ?? 'without a subject'}”</h1>
      <dl>
        <dt>In the account of</dt>
        <dd>{entry.account}</dd>
        <dt>Start</dt>
        <dd>{entry.start}</dd>
        <dt>End</dt>
        <dd>{entry.end}</dd>
        <dt>Meeting</dt>
        <dd>{entry.id}</dd>
      </dl>
    </Layout>
  );
};

import type { TrialRun } from './trial.js';

/** What there is to look at after a failure: made-up people only, and nothing sealed. */
export async function evidence({ rig, scenes, violations, faults }: TrialRun): Promise<string> {
  const schools = scenes.map(({ school }) => school.id);
  const rows = (table: string, columns: string) =>
    rig.query(`select ${columns} from ${table} where school_id = any($1)`, [schools]).catch(() => []);
  const { ledger, mailbox } = rig.sandbox;
  const isOurs = ({ account }: { account?: string }) => schools.some((school) => account?.includes(school));
  return JSON.stringify(
    {
      violations,
      faults,
      wishes: scenes.map(({ school, slots, log }) => ({ school: school.id, slots, log })),
      meetings: await rows(
        'meetings',
        'id, timeslot_id, generation, provider, owner_id, wished, retired, wish_version, settled_version, state, reason, epoch, failures, starts, operation, deadline, made_start, verify_at, verified_at, created_at, settled_at',
      ),
      dispatches: await rows('dispatches', '*'),
      deliveries: await rows('deliveries', '*'),
      entries: ledger.entries.filter(isOurs),
      requests: ledger.requests.filter(isOurs),
      mails: mailbox.messages
        .filter(({ to }) => schools.some((school) => to.join().includes(school)))
        .map(({ to, subject, messageId, receivedAt, attachments }) => ({
          to,
          subject,
          messageId,
          receivedAt,
          calendar: attachments[0]?.content,
        })),
    },
    null,
    1,
  );
}

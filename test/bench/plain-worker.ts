/**
 * What somebody writes in an afternoon: a BullMQ worker that creates an event over HTTP, inserts a row, and queues two
 * notification jobs that each insert a row. No guarantees: a retry after a lost reply makes a second meeting, the URL
 * lies in clear, the token is in the job, nobody waits for a teacher, and a wiped Redis loses the evening.
 */
import { randomUUID } from 'node:crypto';
import { Queue, Worker, type Job } from 'bullmq';
import pg from 'pg';

const { REDIS_URL = '', DATABASE_URL = '', API_URL = '' } = process.env;
const connection = { url: REDIS_URL, maxRetriesPerRequest: null };
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
await pool.query('create table if not exists plain_meetings (slot text primary key, event_id text, url text)');
await pool.query('create table if not exists plain_notices (id uuid primary key, slot text, recipient text)');

interface Slot {
  slot: string;
  start: string;
  end: string;
  calendar: string;
  token: string;
}

const meetings = new Queue<Slot>('plain-meetings', { connection });
const notices = new Queue<{ slot: string; recipient: string }>('plain-notices', { connection });

const create = async (job: Job<Slot>) => {
  const { slot, start, end, calendar, token } = job.data;
  const response = await fetch(
    `${API_URL}/calendar/v3/calendars/${encodeURIComponent(calendar)}/events?conferenceDataVersion=1`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        summary: 'Parent meeting',
        start: { dateTime: start },
        end: { dateTime: end },
        conferenceData: { createRequest: { requestId: randomUUID(), conferenceSolutionKey: { type: 'hangoutsMeet' } } },
      }),
    },
  );
  if (!response.ok) throw new Error(`create answered ${response.status}`);
  const event = (await response.json()) as { id: string; hangoutLink: string };
  await pool.query('insert into plain_meetings values ($1, $2, $3)', [slot, event.id, event.hangoutLink]);
  await notices.addBulk(['parent', 'teacher'].map((recipient) => ({ name: 'notice', data: { slot, recipient } })));
};

const notify = (job: Job<{ slot: string; recipient: string }>) =>
  pool.query('insert into plain_notices values ($1, $2, $3)', [randomUUID(), job.data.slot, job.data.recipient]);

const retries = { attempts: 5, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: true };
const workers = [
  new Worker('plain-meetings', create, { connection, concurrency: 40 }),
  new Worker('plain-notices', notify, { connection, concurrency: 40 }),
];
await Promise.all(workers.map((worker) => worker.waitUntilReady()));

/** Seconds from the first job on the queue to the last row in Postgres. */
async function run(slots: Slot[]): Promise<number> {
  await pool.query('truncate plain_meetings, plain_notices');
  const started = performance.now();
  await meetings.addBulk(slots.map((data) => ({ name: 'create', data, opts: retries })));
  for (;;) {
    const { rows } = await pool.query<{ meetings: number; notices: number }>(
      'select (select count(*) from plain_meetings)::int as meetings, (select count(*) from plain_notices)::int as notices',
    );
    if (rows[0]!.meetings === slots.length && rows[0]!.notices === 2 * slots.length)
      return (performance.now() - started) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

process.on(
  'message',
  (call: { id: number; args: [Slot[]] }) =>
    void run(call.args[0]).then((result) => process.send!({ id: call.id, result })),
);
process.on('disconnect', () => void Promise.all(workers.map((worker) => worker.close())).then(() => process.exit(0)));
process.send!({ id: 0, result: 'ready' });

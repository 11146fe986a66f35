import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { EVERY_SCHOOL, type Em, rows, sql } from '#libs/database';
import { restsNow } from '#libs/messaging';
import { PROVIDERS } from '#libs/providers';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { frameOf } from '../http/problem.filter.js';
import { AuditTrail, actorOf } from '../rights/audit-trail.js';
import { restSentences } from './rest-sentences.js';
import { renderMessagePage } from '../pages/index.js';

/** One page that says well or ill: what is due, what waits, what failed. Counts only. */
@Controller('ops')
export class OpsController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
  ) {}

  @Get()
  @Allow(['ops'])
  async page(@CurrentCaller() caller: Caller, @Req() request: CalledRequest, @Res() response: Response) {
    await this.trail.note({ schoolId: '', action: 'ops.looked-at', actor: actorOf(caller, 'ops') });
    const now = this.core.clock.now();
    const { due, states, stuck, failed, erasures, rests } = await this.core.database.transaction(EVERY_SCHOOL, (em) =>
      counts(em, now),
    );
    const ill = [
      ...(due.overdue > 0
        ? [
            `${due.overdue} rows are due for more than two minutes: no worker takes them. Look whether a worker runs and reaches its queue.`,
          ]
        : []),
      ...(stuck > 0
        ? [
            `Meetings are stuck: ${stuck}. Their rows on the evening\u2019s page say why, and an admin of the school, the slot\u2019s teacher or the meeting\u2019s owner can try again there.`,
          ]
        : []),
      ...(failed.count > 0 ? [`${failed.count} messages failed in the last day. Check SMTP_URL and WEBHOOK_URL.`] : []),
      ...(erasures.late > 0
        ? [
            `${erasures.late} erasures take long: look at the queue "erasures" and at LEDGER_DIR; those that wait for an owner end on day 30.`,
          ]
        : []),
    ];
    const sentences = [
      ill.length === 0 ? 'All is well.' : 'Something needs you.',
      ...ill,
      ...restSentences(rests, now),
      `On the way: ${due.waiting}.`,
      `Erasures open: ${erasures.open}, of which ${erasures.waiting} wait for their owner’s visit.`,
      ...states.map(({ state, count }) => `Meetings ${state}: ${count}.`),
    ];
    response.type('html').send(
      renderMessagePage({
        frame: frameOf(request),
        title: ill.length === 0 ? 'Well' : 'Ill',
        sentences,
        back: { path: '/ops/queues', label: 'Queues' },
      }),
    );
  }
}

/** Counts over all schools: no row, no id. */
async function counts(em: Em, now: Date) {
  const [due] = await rows(
    em,
    sql<{
      overdue: number;
      waiting: number;
    }>`select count(*) filter (where due_at < ${new Date(now.getTime() - 120_000)} and (busy_until is null or busy_until < ${now})) as overdue, count(*) as waiting from dispatches`,
  );
  const states = await rows(
    em,
    sql<{
      state: string;
      count: number;
    }>`select state, count(*) from meetings where state not in ('gone', 'over') group by state order by state`,
  );
  // What was to be made for a slot that is over is nobody's work any more: its row says so, and offers nothing.
  const [stuck] = await rows(
    em,
    sql<{
      count: number;
    }>`select count(*) from meetings m join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
      where m.state = 'stuck' and (not m.wished or t.end_at > ${now})`,
  );
  const [failed] = await rows(
    em,
    sql<{
      count: number;
    }>`select count(*) from deliveries where state = 'failed' and created_at > ${new Date(now.getTime() - 86_400_000)}`,
  );
  const [erasures] = await rows(
    em,
    sql<{
      open: number;
      waiting: number;
      late: number;
    }>`select count(*) as open, count(*) filter (where state = 'waiting_for_owner') as waiting, count(*) filter (where alarmed_days > 0 or (state <> 'waiting_for_owner' and requested_at < ${new Date(now.getTime() - 86_400_000)})) as late from erasures where done_at is null`,
  );
  const rests = await restsNow(em, PROVIDERS, now);
  return { due: due!, states, stuck: stuck!.count, failed: failed!, erasures: erasures!, rests };
}

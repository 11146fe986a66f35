import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { EVERY_SCHOOL } from '#libs/database';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { frameOf } from '../http/problem.filter.js';
import { AuditTrail, actorOf } from '../rights/audit-trail.js';
import { dependencySentences } from './dependency-sentences.js';
import { opsCounts } from './ops-counts.js';
import { restSentences } from './rest-sentences.js';
import { restoreSentences } from './restore-sentences.js';
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
      opsCounts(em, now),
    );
    const redis = this.core.redis?.health.sentence;
    const restores = await this.core.checkpoints.restores();
    const ill = [
      ...dependencySentences(this.core.dependencies.away()),
      ...(redis ? [`${redis} Nothing is made or sent until it serves; all of it is kept, and goes on by itself.`] : []),
      ...(due.overdue > 0
        ? [
            `${due.overdue} rows are due for more than two minutes: no worker takes them. Look whether a worker runs and reaches its queue.`,
          ]
        : []),
      ...(stuck.length > 0
        ? [
            `Meetings are stuck: ${stuck.map(({ provider, reason, count }) => `${count} at ${provider} (${reason})`).join(', ')}. Their rows on the evening\u2019s page say why, and an admin of the school, the slot\u2019s teacher or the meeting\u2019s owner can try again there.`,
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
      ...restoreSentences(restores),
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

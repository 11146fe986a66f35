import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EVERY_SCHOOL } from '#libs/database';
import { pauseLane } from '#libs/messaging';
import { ProviderError } from '#libs/providers';
import { opsCounts } from '../../apps/api/src/operations/ops-counts.js';
import { anEvent, instantAt } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres. Fake: providers, the clock.

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const counts = () => world.db.database.transaction(EVERY_SCHOOL, (em) => opsCounts(em, world.clock.now()));
const ago = (seconds: number) => new Date(world.clock.now().getTime() - seconds * 1_000);
const due = (lane: string, dueAt: Date, busyUntil: Date | null = null) =>
  world.db.query(
    `insert into dispatches (queue, subject_id, school_id, lane, start_at, due_at, busy_until) values ('google-meet', $1, 's-1', $2, $3, $3, $4)`,
    [randomUUID(), lane, dueAt, busyUntil],
  );

describe('P7 ops are told what needs them, and nothing else', () => {
  it('rows that nobody takes are overdue; those that wait for their turn or for a rest are not', async () => {
    await due('anne', ago(119));
    expect((await counts()).due).toEqual({ overdue: 0, waiting: 1 });
    await due('anne', ago(121));
    await due('bob', ago(300));
    expect((await counts()).due).toEqual({ overdue: 2, waiting: 3 });
    // One of the account is in hand: the other has its turn after it.
    await due('anne', ago(400), ago(-30));
    expect((await counts()).due).toEqual({ overdue: 1, waiting: 4 });
    await world.db.database.transaction([], (em) => pauseLane(em, 'bob', ago(-60)));
    expect((await counts()).due).toEqual({ overdue: 0, waiting: 4 });
  });

  it('stuck meetings are counted by provider and reason, without what is over', async () => {
    world.visitors.set('p-7', 'anne');
    for (const timeslot of ['t-1', 't-2'])
      await world.take(anEvent().timeslot(timeslot).at('19:10').parents('p-1').wanting('google-meet'));
    const error = new ProviderError('refused', 'blocked-by-admin');
    for (let slot = 0; slot < 2; slot += 1) world.google.script('create', { kind: 'error', error });
    await world.settleAll();
    expect((await counts()).stuck).toEqual([{ provider: 'google-meet', reason: 'blocked-by-admin', count: 2 }]);
    world.clock.instant = instantAt('23:00');
    expect((await counts()).stuck).toEqual([]);
  });
});

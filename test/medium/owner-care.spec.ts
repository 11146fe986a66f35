import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { planOwnerCare } from '#libs/notifications';
import { aPersonLeft, aSchoolChanged, anEvent, instantAt } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, the plan of the mails, deliveries. Fake: provider, mail server, clock.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const care = () =>
  planOwnerCare({ database: world.db.database, keys: world.keys, index: world.index }, world.clock.now());
/** What upkeep and the queue do in a while. @returns who got which mail */
const after = async (ms: number) => {
  world.clock.pass(ms);
  const before = world.mails.length;
  await care();
  await world.sendDue();
  return world.mails.slice(before).map((mail) => `${mail.to.name}: ${mail.subject}`);
};
const wanted = async (...slots: readonly (readonly [id: string, time: string])[]) => {
  await world.take(...slots.map(([id, time]) => anEvent().timeslot(id).at(time).parents('p-1').wanting('google-meet')));
  await world.settleAll();
};
const states = async (kind: string) =>
  (
    await world.db.query<{ state: string; reason: string | null }>(
      'select state, reason from deliveries where kind = $1 order by sequence',
      [kind],
    )
  ).map(({ state, reason }) => (reason ? `${state} ${reason}` : state));

describe('P1 the owner is told, once a day at most', () => {
  it('after a quarter of an hour, with all that waits; again a day later', async () => {
    await wanted(['t-1', '19:10'], ['t-2', '19:20']);
    expect(await after(14 * MINUTE)).toEqual([]);
    expect(await after(MINUTE)).toEqual(['Name of p-7: 2 videogesprekken wachten op u']);
    expect(world.mails[0]!.text).toContain('dinsdag 24 november 2026 om 19:10');
    expect(world.mails[0]!.text).toContain('https://conf.school.example/\n');
    expect(world.mails[0]!.text).not.toMatch(/p-1|\/j\//);
    expect(await after(23 * HOUR)).toEqual([]);
    expect(await after(HOUR)).toEqual(['Name of p-7: 2 videogesprekken wachten op u']);
    expect(new Set(world.mails.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('a short wait is no mail: a worker started, and the owner was here', async () => {
    await wanted(['t-1', '19:10']);
    world.clock.pass(10 * MINUTE);
    await world.visit('p-7', 'anne');
    world.visitors.clear();
    await world.settleAll();
    expect((await world.view()).status).toBe('needs_owner');
    expect(await after(10 * MINUTE)).toEqual([]);
    expect(await after(5 * MINUTE)).toHaveLength(1);
  });

  it('two minutes where the slot begins within two hours', async () => {
    world.clock.instant = instantAt('18:00');
    await wanted(['t-1', '19:10']);
    expect(await after(MINUTE)).toEqual([]);
    expect(await after(MINUTE)).toEqual(['Name of p-7: 1 videogesprek wacht op u']);
  });

  it('counts the schools together', async () => {
    await wanted(['t-1', '19:10']);
    await world.take(anEvent().school('s-2').at('19:30').wanting('google-meet'));
    await world.settleAll();
    expect(await after(20 * MINUTE)).toEqual(['Name of p-7: 2 videogesprekken wachten op u']);
    await world.take(anEvent().school('s-3').at('19:40').wanting('google-meet'));
    await world.settleAll();
    expect(await after(20 * MINUTE)).toEqual([]);
  });

  it('planned by two workers at once, it is one', async () => {
    await wanted(['t-1', '19:10']);
    await world.take(anEvent().school('s-2').at('19:30').wanting('google-meet'));
    await world.settleAll();
    world.clock.pass(20 * MINUTE);
    const planned = await Promise.all(Array.from({ length: 6 }, care));
    expect(planned.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await states('owner-needed')).toEqual(['pending']);
  });

  it('says nothing when the owner was here meanwhile, and starts anew with what waits later', async () => {
    await wanted(['t-1', '19:10']);
    world.clock.pass(20 * MINUTE);
    await care();
    await world.visit('p-7', 'anne');
    await world.settleAll();
    await world.sendDue();
    expect(world.mails.filter(({ to }) => to.name === 'Name of p-7')).toEqual([]);
    expect(await states('owner-needed')).toEqual(['dropped nothing-waits']);
    world.visitors.clear();
    await wanted(['t-2', '19:20']);
    expect(await after(20 * MINUTE)).toContain('Name of p-7: 1 videogesprek wacht op u');
  });

  it('a worker that dies while it sends: repeated under the same Message-ID, and it counts', async () => {
    await wanted(['t-1', '19:10']);
    world.clock.pass(20 * MINUTE);
    await care();
    world.mailFaults.push('crash-after');
    await world.sendAll();
    expect(world.mails.map(({ messageId }) => messageId)).toEqual([
      world.mails[0]!.messageId,
      world.mails[0]!.messageId,
    ]);
    expect(await after(12 * HOUR)).toEqual([]);
  });

  it('who has left the school hears nothing, also of removals', async () => {
    await wanted(['t-1', '19:10']);
    await world.take(aPersonLeft('p-7'));
    await world.db.query(`update people set left_at = now() + interval '1 year' where id = 'p-7'`);
    expect(await after(HOUR)).toEqual([]);
    expect(await states('owner-needed')).toEqual([]);
  });

  it('is kept as a row without any word of the login or a visit', async () => {
    await wanted(['t-1', '19:10']);
    await after(HOUR);
    const [row] = await world.db.query<Record<string, unknown>>(`select * from deliveries where kind = 'owner-needed'`);
    expect(Object.keys(row!).sort()).toEqual(
      ['id', 'school_id', 'person_id', 'timeslot_id', 'evening_id', 'channel', 'kind', 'sequence', 'state', 'reason']
        .concat(['failures', 'created_at', 'attempted_at', 'sent_at'])
        .sort(),
    );
  });
});

describe('P1 a parked removal is reminded of for 14 days', () => {
  it('then once more, to be removed by hand, then never', async () => {
    world.visitors.set('p-7', 'anne');
    await wanted(['t-1', '19:10'], ['t-2', '19:20']);
    world.visitors.clear();
    await world.sendAll();
    world.mails.length = 0;
    await world.take(anEvent().timeslot('t-1').version(2).at('19:10').parents('p-1').notWanting());
    await world.take(anEvent().timeslot('t-2').version(2).at('19:20').parents('p-1').cancelled());
    await world.settleAll();
    await world.sendAll();
    world.mails.length = 0;
    const mails: string[][] = [];
    for (let day = 0; day < 20; day += 1) mails.push(await after(DAY));
    const sent = mails.flat();
    expect(
      sent.slice(0, -1).every((mail) => mail.endsWith('Er staan 2 vervallen videogesprekken nog in uw account')),
    ).toBe(true);
    expect(sent).toHaveLength(14);
    expect(sent.at(-1)).toBe('Name of p-7: Verwijder deze 2 videogesprekken zelf');
    expect(mails.slice(14).flat()).toEqual([]);
    const last = world.mails.at(-1)!;
    for (const when of ['dinsdag 24 november 2026, 19:10 (Google Meet)', '19:20 (Google Meet)'])
      expect(last.text).toContain(when);
    // A later visit removes them all the same.
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
  });
});

describe('P1 colleagues are offered to take over, and the school is told', () => {
  const evening = async () => {
    await world.take(
      aSchoolChanged('s-1', {
        contacts: [
          { id: 'p-90', name: 'Ada Admin', email: 'ada@regenboog.example', locale: 'nl', role: 'admin' },
          { id: 'p-91', name: 'Piet Privacy', email: 'piet@regenboog.example', locale: 'nl', role: 'privacy' },
        ],
      }),
      anEvent().timeslot('t-8').teacher('p-8').at('19:00'),
      anEvent().timeslot('t-9').teacher('p-9').at('19:00'),
      anEvent().timeslot('t-other').evening('e-other').teacher('p-10').at('19:00'),
    );
    await wanted(['t-1', '19:10'], ['t-2', '19:20']);
  };
  const noLink = '2 gesprekken van Oudergesprekken november hebben nog geen link';

  it('a day before, each colleague of the evening once; two hours before, the contacts once', async () => {
    await evening();
    world.clock.instant = instantAt('19:10');
    world.clock.pass(-DAY);
    expect(await after(0)).toEqual(['Name of p-7: 2 videogesprekken wachten op u']);
    expect((await after(1)).sort()).toEqual([`Name of p-8: ${noLink}`, `Name of p-9: ${noLink}`]);
    expect(world.mails.at(-1)!.text).toContain('https://conf.school.example/evenings/e-9');
    expect(await after(HOUR)).toEqual([]);
    world.clock.instant = instantAt('17:10');
    expect(await after(0)).toEqual([]);
    expect((await after(1)).sort()).toEqual([`Ada Admin: ${noLink}`]);
    expect(await after(MINUTE)).toEqual([]);
    expect(await after(HOUR)).toEqual([]);
  });

  it('planned by many workers at once, nobody gets two', async () => {
    await evening();
    world.clock.instant = instantAt('17:30');
    await Promise.all(Array.from({ length: 6 }, care));
    await world.sendDue();
    const subjects = world.mails.map(({ to }) => to.name).sort();
    expect(subjects).toEqual(['Ada Admin', 'Name of p-7', 'Name of p-8', 'Name of p-9']);
  });

  it('a slot that was taken over meanwhile, and one that has a link, alarm nobody', async () => {
    world.visitors.set('p-7', 'anne');
    await evening();
    world.visitors.clear();
    await world.sendAll();
    world.mails.length = 0;
    // Moved while the owner is away: the link works all the same.
    await world.take(anEvent().timeslot('t-1').version(2).at('19:30').parents('p-1').wanting('google-meet'));
    await world.settleAll();
    world.clock.instant = instantAt('17:30');
    expect((await after(HOUR)).filter((mail) => !mail.includes('p-1:'))).toEqual([
      'Name of p-7: 1 videogesprek wacht op u',
    ]);
    await wanted(['t-3', '20:30']);
    world.clock.pass(20 * MINUTE);
    await care();
    await world.visit('p-7', 'anne');
    await world.settleAll();
    await world.sendDue();
    expect(await states('take-over-offer')).toEqual(['dropped nothing-waits', 'dropped nothing-waits']);
    expect(await states('owner-away')).toEqual(['dropped nothing-waits']);
  });

  it('where the owner has left, colleagues hear, and the owner does not', async () => {
    await evening();
    await world.db.query(`update people set left_at = now() + interval '1 year', left_id = 'x' where id = 'p-7'`);
    world.clock.instant = instantAt('10:00');
    expect((await after(0)).sort()).toEqual([`Name of p-8: ${noLink}`, `Name of p-9: ${noLink}`]);
  });
});

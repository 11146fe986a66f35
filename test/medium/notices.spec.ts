import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeOver } from '#libs/conferences';
import { DeliveryError } from '#libs/notifications';
import { ProviderError } from '#libs/providers';
import { anEvent, type EventFactory } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, notices, deliveries. Fake: provider, mail server, clock.

let world: World;
let version: number;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
  version = 0;
});
afterEach(() => world.close());

const slot = () => anEvent().version(++version).at('19:10').parents('p-1').wanting('google-meet');
const told = async (...events: EventFactory[]) => {
  await world.take(...events);
  await world.settleAll();
};
const subjects = () => world.mails.map(({ subject }) => subject);
const sequences = () => world.mails.map(({ calendar }) => Number(/^SEQUENCE:(\d+)/m.exec(calendar!.content)?.[1] ?? 0));
const deliveries = () =>
  world.db.query<{ kind: string; state: string; reason: string | null; sequence: number }>(
    `select kind, state, reason, sequence from deliveries where channel = 'email' order by sequence`,
  );
const unsent = async () =>
  (
    await world.db.query<{ id: string }>(
      `select id from deliveries where channel = 'email' and state = 'pending' order by sequence`,
    )
  )[0]!.id;

describe('P8 unsent messages give way to the last word', () => {
  it('ready and moved twice before anything left: one mail, with the last time, and no word of another', async () => {
    await told(slot());
    await told(slot().at('19:20'));
    await told(slot().at('19:30'));
    expect(await world.sendAll()).toContain('sent');
    expect(subjects()).toEqual(['Videogesprek met Name of p-7 op 24 nov om 19:30']);
    expect(world.mails[0]!.text).not.toContain('Was eerst');
    expect(await deliveries()).toMatchObject([
      { kind: 'ready', state: 'dropped', reason: 'superseded' },
      { kind: 'ready', state: 'dropped', reason: 'superseded' },
      { kind: 'ready', state: 'sent' },
    ]);
    expect(sequences()).toEqual([2]);
  });

  it('ready and cancelled before anything left: nothing at all; planned again is a first message', async () => {
    await told(slot());
    await told(slot().cancelled());
    expect(await world.sendAll()).not.toContain('dropped:overtaken');
    expect(world.mails).toEqual([]);
    await told(slot());
    await world.sendAll();
    expect(subjects()).toEqual(['Videogesprek met Name of p-7 op 24 nov om 19:10']);
    expect(sequences()).toEqual([1]);
  });

  it('compares with what was heard: a heard time is named, and moved back is nothing', async () => {
    await told(slot());
    await world.sendAll();
    await told(slot().at('19:30'));
    await told(slot());
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
    await told(slot().at('19:30'));
    await world.sendAll();
    expect(subjects()[1]).toMatch(/^Gewijzigd: .* om 19:30$/);
    expect(world.mails[1]!.text).toMatch(/Was eerst: .*19:10/);
    expect(sequences()).toEqual([0, 2]);
    expect(new Set(world.mails.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('an attempt of unknown outcome counts as heard, and is repeated under the same Message-ID', async () => {
    await told(slot());
    world.mailFaults.push('lost-reply');
    expect(await world.sendDue()).toContain('retry');
    await world.sendAll();
    const [first] = world.mails;
    expect(world.mails.map(({ messageId }) => messageId)).toEqual([first!.messageId, first!.messageId]);
    expect(sequences()).toEqual([0, 0]);
    // It counts as heard: nothing more is said.
    expect(await deliveries()).toMatchObject([{ kind: 'ready', state: 'sent' }]);
  });

  it('what has changed since an attempt of unknown outcome is not said in its repetition, so that it can be taken back', async () => {
    await told(slot());
    world.mailFaults.push('lost-reply');
    expect(await world.sendDue()).toContain('retry');
    await told(slot().at('19:30'));
    await world.sendAll();
    await told(slot());
    await world.sendAll();
    expect(subjects().slice(1)).toEqual([
      expect.stringMatching(/^Gewijzigd: .* om 19:30$/),
      expect.stringMatching(/^Gewijzigd: .* om 19:10$/),
    ]);
    expect(new Set(world.mails.map(({ messageId }) => messageId)).size).toBe(3);
    expect(sequences()).toEqual([0, 1, 2]);
  });

  it.each(['crash-before', 'crash-after'] as const)(
    'a worker that dies between attempt and receipt: %s',
    async (fault) => {
      await told(slot());
      world.mailFaults.push(fault);
      await world.sendDue();
      expect(await deliveries()).toMatchObject([{ kind: 'ready', state: 'pending' }]);
      await told(slot().cancelled());
      await world.sendAll();
      // It may have arrived, so the cancellation goes out; it is not said any more that it is on.
      expect(subjects().at(-1)).toMatch(/^Vervallen/);
      expect(await deliveries()).toMatchObject([
        { kind: 'ready', state: 'dropped', reason: 'overtaken' },
        { kind: 'cancelled', state: 'sent' },
      ]);
      await told(slot());
      await world.sendAll();
      expect(subjects().at(-1)).toMatch(/^Gaat toch door/);
    },
  );

  it('a message that came to nothing is told anew when the same is so again', async () => {
    await told(slot());
    await world.sendAll();
    await told(slot().at('19:30'));
    // The link is gone for a moment, and nobody planned anything.
    await world.db.query(`update conferences set published_id = null`);
    expect(await world.send(await unsent())).toBe('dropped:overtaken');
    await world.db.query(`update conferences set published_id = (select id from meetings where state = 'settled')`);
    await world.take(anEvent().timeslot('t-1').version(++version).at('19:30').parents('p-1'));
    await world.sendAll();
    expect(subjects()[1]).toMatch(/^Gewijzigd: .* om 19:30$/);
    expect(world.mails).toHaveLength(2);
  });

  it('one that may have arrived waits until its link works again', async () => {
    await told(slot());
    world.mailFaults.push('busy');
    await world.sendDue();
    await world.db.query(`update conferences set published_id = null`);
    world.clock.pass(10_000);
    expect(await world.sendDue()).toEqual(['waits']);
    await world.db.query(`update conferences set published_id = (select id from meetings where state = 'settled')`);
    await world.sendAll();
    expect(await deliveries()).toMatchObject([{ kind: 'ready', state: 'sent' }]);
    expect(world.mails).toHaveLength(1);
  });

  it('who is taken off the slot hears nothing more, and hears of it when named again', async () => {
    await told(slot());
    await told(slot().parents('p-2'));
    await world.sendAll();
    expect(world.mails.map(({ to }) => to.name)).toEqual(['Name of p-2']);
    await told(slot().parents('p-1', 'p-2'));
    await world.sendAll();
    expect(world.mails.map(({ to }) => to.name)).toEqual(['Name of p-2', 'Name of p-1']);
    expect(subjects()[1]).toMatch(/^Videogesprek/);
  });

  it('somebody who left the school is dropped at sending', async () => {
    await told(slot());
    await world.db.query(`update people set left_at = now() + interval '1 year', left_id = 'x' where id = 'p-1'`);
    expect(await world.sendAll()).toContain('dropped:not-entitled');
    expect(world.mails).toEqual([]);
  });

  it('sending and planning at once: each change is told once, in order, and none deadlocks', async () => {
    await told(slot());
    for (let round = 0; round < 8; round += 1) {
      const id = (await deliveries()).some(({ state }) => state === 'pending') ? await unsent() : null;
      await Promise.all([
        id && world.send(id),
        id && world.send(id),
        world.take(slot().at(round % 2 === 0 ? '19:20' : '19:30')),
      ]);
      await world.settleAll();
    }
    await world.sendAll();
    expect(subjects().at(-1)).toContain('19:30');
    const sent = sequences();
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect((await deliveries()).every(({ state }) => state === 'sent' || state === 'dropped')).toBe(true);
    const perMessage = new Map(world.mails.map((mail) => [mail.messageId, mail.subject]));
    for (const mail of world.mails)
      expect(mail.subject.split(':')[0]).toBe(perMessage.get(mail.messageId)!.split(':')[0]);
  });

  it('a message that is refused ends, and the next change is told all the same', async () => {
    await told(slot());
    const id = await unsent();
    await world.deliveries.begin(id);
    expect(await world.deliveries.failed(id, new DeliveryError('refused', 'address'))).toBe('given-up');
    await told(slot().at('19:30'));
    await world.sendAll();
    expect(subjects()).toEqual([expect.stringMatching(/^Gewijzigd/)]);
  });
});

describe('P9 who will be there is told, once', () => {
  const take = (timeslotId = 't-1') =>
    world.in('s-1', async (em) => {
      const deps = { index: world.index, now: world.clock.now() };
      const caller = { schoolId: 's-1', personId: 'p-8' };
      const slots = await takeOver(em, deps, caller, { timeslotId }, 'p-7', 'google-meet');
      await world.notices.plan(em, slots, world.clock.now());
    });
  beforeEach(async () => {
    await told(slot(), anEvent().timeslot('t-2').teacher('p-8'));
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
  });

  it('a take-over tells each parent once, when the new meeting is there', async () => {
    await take();
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
    await world.settleAll();
    expect((await world.view()).status).toBe('needs_owner');
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
    await world.visit('p-8', 'bo');
    await world.settleAll();
    await world.sendAll();
    expect(world.mails).toHaveLength(2);
    expect(world.mails[1]!.text).toContain('Wie er is: Name of p-8');
  });

  it('another teacher with a conference: one mail, not one now and one later', async () => {
    world.visitors.set('p-8', 'bo');
    await world.take(slot().teacher('p-8'));
    expect((await deliveries()).filter(({ state }) => state === 'pending')).toEqual([]);
    await world.settleAll();
    await world.sendAll();
    expect(subjects().slice(1)).toEqual([expect.stringMatching(/^Gewijzigd: videogesprek met Name of p-8/)]);
    expect(world.mails[1]!.text).not.toContain('Wie er is');
  });

  it('where the new teacher has yet to connect, it is told at once, and not again when the meeting is made', async () => {
    await world.take(slot().teacher('p-8'));
    await world.settleAll();
    await world.sendAll();
    expect(subjects().slice(1)).toEqual([expect.stringMatching(/^Gewijzigd: videogesprek met Name of p-8/)]);
    expect(world.mails[1]!.text).not.toContain('Wie er is');
    await world.visit('p-8', 'bo');
    await world.settleAll();
    await world.sendAll();
    expect((await world.view()).published?.ownerId).toBe('p-8');
    expect(world.mails).toHaveLength(2);
  });

  it('where the new meeting is refused, too', async () => {
    world.visitors.set('p-8', 'bo');
    world.google.script('create', { kind: 'error', error: new ProviderError('refused', 'no-conferences') });
    await world.take(slot().teacher('p-8'));
    await world.settleAll();
    expect((await world.view()).status).toBe('failed');
    await world.sendAll();
    expect(world.mails).toHaveLength(2);
  });

  it('a new time is told at once', async () => {
    await world.take(slot().teacher('p-8').at('19:40'));
    await world.sendAll();
    expect(subjects().slice(1)).toEqual([expect.stringMatching(/om 19:40$/)]);
  });

  it('two colleagues whom no event named, by turns: one mail says "a colleague", and no other says it again', async () => {
    const takeFrom = (from: string, personId: string) =>
      world.in('s-1', async (em) => {
        const deps = { index: world.index, now: world.clock.now() };
        const caller = { schoolId: 's-1', personId };
        const slots = await takeOver(em, deps, caller, { timeslotId: 't-1' }, from, 'google-meet');
        await world.notices.plan(em, slots, world.clock.now());
      });
    const turn = async (from: string, personId: string) => {
      await takeFrom(from, personId);
      await world.settleAll();
      expect((await world.view()).published?.ownerId).toBe(personId);
      await world.sendAll();
    };
    world.visitors.set('p-20', 'x').set('p-21', 'y');
    await turn('p-7', 'p-20');
    expect(world.mails).toHaveLength(2);
    expect(world.mails[1]!.text).toContain('Wie er is: een collega');
    for (const [from, personId] of [
      ['p-20', 'p-21'],
      ['p-21', 'p-20'],
      ['p-20', 'p-21'],
    ] as const)
      await turn(from, personId);
    expect(world.mails).toHaveLength(2);
    // A new time is told, and says the same of who is there; being named is told where somebody else takes over.
    await told(slot().at('19:40'));
    await world.sendAll();
    expect(world.mails).toHaveLength(3);
    expect(world.mails[2]!.text).toContain('Wie er is: een collega');
    await told(anEvent().timeslot('t-3').teacher('p-20'));
    await turn('p-21', 'p-20');
    expect(world.mails[3]!.text).toContain('Wie er is: Name of p-20');
    await turn('p-20', 'p-7');
    expect(world.mails[4]!.text).not.toContain('Wie er is');
    expect(sequences()).toEqual([0, 1, 2, 3, 4]);
  });

  it('P3 a new URL for the same people tells nobody', async () => {
    await world.db.query(`update timeslot_parents set revealed_id = (select published_id from conferences)`);
    world.visitors.set('p-7', 'anne');
    await told(slot().parents('p-3'));
    await world.sendAll();
    expect(world.mails.map(({ to }) => to.name)).toEqual(['Name of p-1', 'Name of p-3']);
    await told(slot().parents('p-3').wanting('microsoft-teams'));
    await world.sendAll();
    expect((await world.view()).provider).toBe('microsoft-teams');
    expect(world.mails).toHaveLength(2);
  });
});

describe('P8 programs hear every state, in order', () => {
  it('an announcement that was not taken goes before the next one', async () => {
    world.eventFaults.push('busy');
    await told(anEvent().version(1).at('19:10').wanting('google-meet'));
    expect(await world.sendDue()).toEqual(['retry']);
    await told(anEvent().version(2).at('19:10').notWanting());
    await world.sendAll();
    expect(world.events.map(({ type }) => type.split('.')[2])).toEqual(['ready', 'removed']);
  });

  it('knows versions of any size', async () => {
    await told(anEvent().version(1_790_000_000_000).at('19:10').wanting('google-meet'));
    await world.sendAll();
    expect(world.events).toMatchObject([{ data: { timeslot: { version: 1_790_000_000_000 } } }]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PostgreSqlConnection } from '@mikro-orm/postgresql';
import type { ParentMeetingsEvent } from '#libs/client';
import {
  ConflictingEvent,
  SeenMeanwhile,
  profilesOf,
  schoolOf,
  takeIn,
  unwantConference,
  wantConferences,
} from '#libs/conferences';
import { aPersonChanged, aPersonLeft, aSchoolChanged, anEvent, instantAt, NOW } from '../factories/an-event.js';
import { openedSchool } from '../support/opened.js';
import { until } from '../support/until.js';
import { World } from '../support/world.js';

// Real: Postgres, reading, sealing, intake, notices. Fake: the clock. Each test has a school of its own.

let world: World;
let school: string;
let schools = 0;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());
beforeEach(() => {
  school = `school-${++schools}`;
  world.clock.instant = NOW;
});

const anEventHere = () => anEvent().school(school);
const slot = (id = 't-1') => world.slot(id, school);
const wish = async (id = 't-1') => {
  const { conference } = await slot(id);
  return conference && [conference.provider, conference.ownerId];
};
const profile = async (id: string) =>
  (await world.in(school, (em) => profilesOf(em, world.keys, school, [id]))).get(id) ?? null;
const deps = () => ({ index: world.index, now: world.clock.now() });
const live = async () =>
  (await slot()).meetings
    .filter(({ wished, state }) => wished && state !== 'gone')
    .map(({ ownerId, provider }) => [provider, ownerId]);

describe('P13 every event is taken in once', () => {
  it('knows a duplicate, in the batch and later', async () => {
    const event = anEventHere().parents('p-1').build();
    expect(await world.take(event, event)).toEqual(['accepted', 'duplicate']);
    expect(await world.take(event)).toEqual(['duplicate']);
    expect(await world.db.query('select 1 from join_links where school_id = $1', [school])).toHaveLength(1);
  });

  it('knows it though its members come in another order', async () => {
    const event = anEventHere().build();
    const turned = Object.fromEntries(Object.entries(event).reverse()) as unknown as ParentMeetingsEvent;
    expect(await world.take(event)).toEqual(['accepted']);
    expect(await world.take(turned)).toEqual(['duplicate']);
  });

  it('takes the same ids from another source', async () => {
    const event = anEventHere().build();
    const other = { ...anEventHere().version(2).build(), id: event.id, source: 'https://other.example' };
    expect(await world.take(event, other)).toEqual(['accepted', 'accepted']);
  });

  it('knows a duplicate that another school sent at the same moment', async () => {
    const one = anEventHere().build();
    const other = structuredClone(one);
    other.data.school.id = `${school}-b`;
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const take = (event: ParentMeetingsEvent, before?: Promise<void>) =>
      world.db.database.transaction([event.data.school.id], async (em) => {
        const deps = { keys: world.keys, index: world.index, now: world.clock.now() };
        const { statuses } = await takeIn(em, deps, world.read([event]));
        await before;
        return statuses;
      });
    const first = take(one, gate);
    const second = take(other).catch((error: unknown) => error);
    await until('the second waits for the first', async () => {
      const [waiting] = await world.db.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting !== undefined;
    });
    go();
    const [a, b] = await Promise.all([first, second]);
    // Whoever came second is told to look again, and then sees that the body is another.
    expect([a, b].filter((answer) => answer instanceof SeenMeanwhile)).toHaveLength(1);
    await expect(take(a instanceof SeenMeanwhile ? one : other)).rejects.toThrow(ConflictingEvent);
  });

  it('refuses the whole batch for one event with another body, and names its place', async () => {
    const event = anEventHere().timeslot('t-a').build();
    await world.take(event);
    const other = { ...anEventHere().timeslot('t-a').version(9).build(), id: event.id };
    const innocent = anEventHere().timeslot('t-b').parents('p-new').build();
    await expect(world.take(innocent, other)).rejects.toMatchObject({ position: 1 });
    await expect(slot('t-b')).rejects.toThrow();
    expect((await slot('t-a')).timeslot.version).toBe(1);
    expect(await world.db.query('select 1 from inbox where id = $1', [innocent.id])).toEqual([]);
    expect(await world.db.query(`select 1 from people where school_id = $1 and id = 'p-new'`, [school])).toEqual([]);
    world.keys.forgetAll();
    expect(await world.take(innocent)).toEqual(['accepted']);
    expect(await profile('p-new')).toMatchObject({ name: 'Name of p-new' });
  });

  it('two that come at the same moment count once', async () => {
    const events = Array.from({ length: 5 }, (_, place) => anEventHere().timeslot(`t-${place}`).parents('p-1').build());
    const answers = await Promise.all([world.take(...events), world.take(...[...events].reverse())]);
    expect(answers.flat().filter((status) => status === 'accepted')).toHaveLength(5);
    expect(answers.flat().filter((status) => status === 'duplicate')).toHaveLength(5);
  });

  it('an older version changes nothing of the slot', async () => {
    await world.take(anEventHere().version(5).at('20:00').parents('p-1'));
    expect(await world.take(anEventHere().version(4).at('18:00').parents('p-2').cancelled())).toEqual(['stale']);
    expect(await world.take(anEventHere().version(5).at('18:00').parents('p-2'))).toEqual(['stale']);
    expect((await slot()).timeslot).toMatchObject({ version: 5, status: 'planned', startAt: instantAt('20:00') });
    expect((await slot()).parents.map(({ personId }) => personId)).toEqual(['p-1']);
  });
});

describe('P13 the wish of an event', () => {
  it('absent is no word, null is not wanted, an object is wanted of the teacher', async () => {
    await world.take(anEventHere());
    expect((await slot()).conference).toBeNull();
    await world.take(anEventHere().version(2).wanting('google-meet'));
    expect(await wish()).toEqual(['google-meet', 'p-7']);
    await world.take(anEventHere().version(3));
    expect(await wish()).toEqual(['google-meet', 'p-7']);
    await world.take(anEventHere().version(4).notWanting());
    expect((await wish())?.[0]).toBeNull();
    expect(await live()).toEqual([]);
  });

  it('comes late: the highest version that speaks of it decides, and the answer is stale all the same', async () => {
    await world.take(anEventHere().version(5));
    expect(await world.take(anEventHere().version(3).teacher('p-8').wanting('microsoft-teams'))).toEqual(['stale']);
    expect(await wish()).toEqual(['microsoft-teams', 'p-8']);
    expect(await world.take(anEventHere().version(2).notWanting())).toEqual(['stale']);
    expect(await wish()).toEqual(['microsoft-teams', 'p-8']);
    expect(await world.take(anEventHere().version(4).notWanting())).toEqual(['stale']);
    expect((await wish())?.[0]).toBeNull();
  });

  it('another teacher while it is wanted: in the new teacher’s account', async () => {
    await world.take(anEventHere().wanting('google-meet'));
    await world.take(anEventHere().version(2).teacher('p-8'));
    expect(await wish()).toEqual(['google-meet', 'p-7']);
    await world.take(anEventHere().version(3).teacher('p-8').wanting('google-meet'));
    expect(await wish()).toEqual(['google-meet', 'p-8']);
    expect(await live()).toEqual([['google-meet', 'p-8']]);
  });

  const api = (work: 'unwant' | 'teams') =>
    world.in(school, async (em) => {
      const caller = { schoolId: school, personId: 'p-7' };
      if (work === 'teams')
        await wantConferences(em, deps(), caller, { provider: 'microsoft-teams', timeslotIds: ['t-1'] });
      else await unwantConference(em, deps(), { schoolId: school, timeslotId: 't-1' }, { ...caller, isAdmin: false });
    });

  it('acts only where it differs from the last event that carried it; the API’s wish stands', async () => {
    await world.take(anEventHere().wanting('google-meet'));
    await api('unwant');
    await world.take(anEventHere().version(2).at('19:20').wanting('google-meet'));
    expect((await wish())?.[0]).toBeNull();
    await api('teams');
    await world.take(anEventHere().version(3).at('19:30').wanting('google-meet'));
    expect(await wish()).toEqual(['microsoft-teams', 'p-7']);
    await world.take(anEventHere().version(4).notWanting());
    expect((await wish())?.[0]).toBeNull();
  });

  it('an API wish for a slot of which no event ever spoke stands too', async () => {
    await world.take(anEventHere());
    await api('teams');
    await world.take(anEventHere().version(2).at('19:20'));
    expect(await wish()).toEqual(['microsoft-teams', 'p-7']);
  });
});

describe('P2 a slot that is cancelled and planned again', () => {
  it('suspends the wish and restores it, with the same join links', async () => {
    const links = () =>
      world.db.query('select encode(token_hash, $2) as hash from join_links where school_id = $1', [school, 'hex']);
    await world.take(anEventHere().parents('p-1').wanting('google-meet'));
    const before = await links();
    await world.take(anEventHere().version(2).parents('p-1').cancelled());
    expect(await live()).toEqual([]);
    expect(await world.view('t-1', school)).toMatchObject({ status: 'removed', joinable: false });
    await world.take(anEventHere().version(3).parents('p-1'));
    expect(await live()).toEqual([['google-meet', 'p-7']]);
    expect((await slot()).meetings.map(({ generation }) => generation)).toEqual([1, 2]);
    expect(await links()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it('accepts what is over and makes nothing', async () => {
    world.clock.instant = instantAt('21:00');
    expect(await world.take(anEventHere().at('19:00').wanting('google-meet'))).toEqual(['accepted']);
    expect((await slot()).meetings).toEqual([]);
    expect(await world.view('t-1', school)).toMatchObject({ status: 'over' });
  });
});

describe('P13 people follow the latest word', () => {
  it('by time, then by id, also out of a stale event', async () => {
    await world.take(anEventHere().version(2).told('2026-11-20T08:00:00Z').parents({ id: 'p-1', name: 'Old' }));
    const stale = anEventHere().version(1).told('2026-11-20T09:00:00Z').parents({ id: 'p-1', name: 'Newer' });
    expect(await world.take(stale)).toEqual(['stale']);
    expect(await profile('p-1')).toMatchObject({ name: 'Newer' });
    await world.take(aPersonChanged('p-1', { school, time: '2026-11-20T08:30:00Z', name: 'Between' }));
    expect(await profile('p-1')).toMatchObject({ name: 'Newer' });
    const sameTime = { school, time: '2026-11-20T10:00:00Z' };
    const b = { ...aPersonChanged('p-1', { ...sameTime, name: 'B' }), id: `${school}-b` };
    const a = { ...aPersonChanged('p-1', { ...sameTime, name: 'A' }), id: `${school}-a` };
    expect(await world.take(b, a)).toEqual(['accepted', 'stale']);
    expect(await profile('p-1')).toMatchObject({ name: 'B' });
  });

  it('a parent who left is taken off all slots at once, and put back by a later word', async () => {
    await world.take(anEventHere().timeslot('t-1').parents('p-1', 'p-2'), anEventHere().timeslot('t-2').parents('p-1'));
    const present = async (id: string) => (await slot(id)).parents.find(({ personId }) => personId === 'p-1')!.present;
    await world.take(aPersonLeft('p-1', { school, time: '2026-11-20T09:00:00Z' }));
    expect([await present('t-1'), await present('t-2')]).toEqual([false, false]);
    expect((await slot('t-1')).parents.find(({ personId }) => personId === 'p-2')!.present).toBe(true);
    await world.take(aPersonChanged('p-1', { school, time: '2026-11-20T08:59:59Z' }));
    expect(await present('t-1')).toBe(false);
    await world.take(aPersonChanged('p-1', { school, time: '2026-11-20T10:00:00Z' }));
    expect([await present('t-1'), await present('t-2')]).toEqual([true, true]);
    expect(await world.take(aPersonLeft('p-1', { school, time: '2026-11-20T09:30:00Z' }))).toEqual(['accepted']);
    expect(await present('t-1')).toBe(true);
  });

  it('a parent who left before anybody named the slot is not let in by an older event', async () => {
    await world.take(aPersonLeft('p-1', { school, time: '2026-11-20T09:00:00Z' }));
    await world.take(anEventHere().told('2026-11-20T08:00:00Z').parents('p-1'));
    expect((await slot()).parents).toMatchObject([{ personId: 'p-1', assigned: true, present: false }]);
  });
});

describe('P13 a school’s settings', () => {
  const settings = () => world.in(school, (em) => schoolOf(em, world.keys, school));
  it('follow the latest word, whole', async () => {
    await world.take(anEventHere());
    expect(await settings()).toMatchObject({ revealMinutes: 10, joinRequiresSignIn: false, accountDomains: [] });
    await world.take(
      aSchoolChanged(school, {
        time: '2026-11-20T09:00:00Z',
        name: 'New name',
        revealMinutes: null,
        joinRequiresSignIn: true,
        accountDomains: ['Regenboog.example'],
        contacts: [{ id: 'c-1', name: 'Kim', email: 'kim@regenboog.example', locale: 'nl', role: 'privacy' }],
      }),
    );
    expect(await settings()).toMatchObject({
      name: 'New name',
      revealMinutes: null,
      joinRequiresSignIn: true,
      accountDomains: ['regenboog.example'],
    });
    expect(await world.take(aSchoolChanged(school, { time: '2026-11-20T08:30:00Z' }))).toEqual(['stale']);
    await world.take(anEventHere().version(2).told('2026-11-20T10:00:00Z').school(school, { name: 'By a slot' }));
    expect(await settings()).toMatchObject({ name: 'By a slot', revealMinutes: null, joinRequiresSignIn: true });
  });
});

describe('P3 whoever could always see the URL has seen it', () => {
  const published = async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(anEventHere().parents('p-1', 'p-2').wanting('google-meet'));
    await world.settleAll();
    expect(await world.view('t-1', school)).toMatchObject({ status: 'ready' });
  };

  it('while the school shows it always, a parent who goes makes it rotate', async () => {
    await world.take(aSchoolChanged(school, { time: '2026-11-20T07:00:00Z', revealMinutes: null }));
    await published();
    await world.take(anEventHere().version(2).parents('p-2'));
    expect((await slot()).meetings).toMatchObject([{ retired: true }, { retired: false, state: 'pending' }]);
  });

  it('also when the school stopped showing it always meanwhile', async () => {
    await world.take(aSchoolChanged(school, { time: '2026-11-20T07:00:00Z', revealMinutes: null }));
    await published();
    await world.take(aSchoolChanged(school, { time: '2026-11-20T09:00:00Z', revealMinutes: 10 }));
    await world.take(anEventHere().version(2).parents('p-2'));
    expect((await slot()).meetings).toMatchObject([{ retired: true }, { retired: false }]);
  });

  it('also when both are said in one batch', async () => {
    await world.take(aSchoolChanged(school, { time: '2026-11-20T07:00:00Z', revealMinutes: null }));
    await published();
    await world.take(
      aSchoolChanged(school, { time: '2026-11-20T09:00:00Z', revealMinutes: 10 }),
      anEventHere().version(2).parents('p-2'),
    );
    expect((await slot()).meetings).toMatchObject([{ retired: true }, { retired: false }]);
  });

  it('keeps the URL where nobody could see it yet', async () => {
    await published();
    await world.take(anEventHere().version(2).parents('p-2'));
    expect((await slot()).meetings).toMatchObject([{ retired: false, state: 'settled' }]);
  });
});

/** A stream of events about a few slots and people of one school, each with a time of its own or the same one. */
const stream = (schoolId: string) => {
  const time = fc.integer({ min: 0, max: 9 }).map((minute) => `2026-11-20T08:0${minute}:00Z`);
  const person = fc.constantFrom('p-1', 'p-2', 'p-3');
  const name = fc.constantFrom('Ada', 'Ben', 'Çelik');
  const slotEvent = fc
    .record({
      time,
      id: fc.constantFrom('t-1', 't-2'),
      hour: fc.constantFrom('18:00', '19:00', '20:30'),
      teacher: fc.constantFrom('p-7', 'p-8'),
      parents: fc.uniqueArray(person, { maxLength: 3 }),
      name,
      evening: fc.constantFrom('e-1', 'e-2'),
      cancelled: fc.boolean(),
      wish: fc.constantFrom('google-meet', 'microsoft-teams', null, undefined),
      household: fc.constantFrom('h-1', undefined),
      about: fc.constantFrom('Deniz', undefined),
      schoolName: name,
    })
    .map((given) => {
      const made = anEvent()
        .school(schoolId, { name: given.schoolName })
        .timeslot(given.id)
        .told(given.time)
        .at(given.hour)
        .evening(given.evening, `Evening of ${given.name}`)
        .teacher(given.teacher, { name: given.name })
        .parents(
          ...given.parents.map((id) => ({
            id,
            name: given.name,
            ...(given.household && { household: given.household }),
            ...(given.about && { about: given.about }),
          })),
        );
      if (given.cancelled) made.cancelled();
      if (given.wish) made.wanting(given.wish);
      if (given.wish === null) made.notWanting();
      return made.build();
    });
  const events = fc.oneof(
    { arbitrary: slotEvent, weight: 5 },
    {
      arbitrary: fc
        .tuple(person, name, time)
        .map(([id, given, when]) => aPersonChanged(id, { school: schoolId, name: given, time: when })),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(person, time).map(([id, when]) => aPersonLeft(id, { school: schoolId, time: when })),
      weight: 2,
    },
    {
      arbitrary: fc
        .tuple(name, time, fc.constantFrom(null, 5, undefined))
        .map(([given, when, revealMinutes]) => aSchoolChanged(schoolId, { name: given, time: when, revealMinutes })),
      weight: 1,
    },
  );
  return fc.array(events, { minLength: 2, maxLength: 9 }).map((made) => {
    // A producer never gives one version two contents, and gives each event an id of its own.
    const versions = new Map<string, number>();
    return made.map((event, place) => {
      const one = { ...structuredClone(event), id: `${place}` };
      if (one.type === 'parentmeetings.timeslot.changed.v1') {
        const { timeslot } = one.data;
        timeslot.version = (versions.get(timeslot.id) ?? 0) + 1;
        versions.set(timeslot.id, timeslot.version);
      }
      return one;
    });
  });
};

describe('P13 streams that are shuffled or doubled end in the same state', () => {
  // STREAMS=2000: the full set of `npm run faults:full`.
  const streams = Number(process.env['STREAMS'] ?? 200);
  it(
    `holds for ${streams} histories`,
    async () => {
      let count = 0;
      const history = stream('template').chain((events) =>
        fc.record({
          events: fc.constant(events),
          shuffled: fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
          cut: fc.nat(events.length * 2),
        }),
      );
      const told = (events: ParentMeetingsEvent[], schoolId: string) =>
        events.map((event) => {
          const one = structuredClone(event);
          one.source = `https://${schoolId}.example`;
          one.data.school.id = schoolId;
          return one;
        });
      await fc.assert(
        fc.asyncProperty(history, async ({ events, shuffled, cut }) => {
          const [ordered, mixed] = [`ordered-${++count}`, `mixed-${count}`];
          await world.take(...told(events, ordered));
          for (const part of [shuffled.slice(0, cut), shuffled.slice(cut)]) await world.take(...told(part, mixed));
          expect(await openedSchool(world, mixed, 'it')).toEqual(await openedSchool(world, ordered, 'it'));
        }),
        { numRuns: streams },
      );
    },
    streams * 900,
  );
});

describe('P13 a batch costs the same number of statements whatever its size', () => {
  it('1 event and 200 differ by two at most', async () => {
    // MikroORM brings a pg of its own, so the place to listen is the prototype of its clients.
    const pool = await (world.db.database.orm.em.getConnection() as PostgreSqlConnection).getNativeClient();
    const client = await pool.connect();
    const prototype = Object.getPrototypeOf(client) as { query: (...given: unknown[]) => unknown };
    client.release();
    const { query } = prototype;
    let statements = 0;
    prototype.query = function (this: unknown, ...given: unknown[]) {
      statements += 1;
      return query.apply(this, given);
    };
    try {
      const count = async (size: number, schoolOf: (place: number) => string) => {
        const events = Array.from({ length: size }, (_, place) =>
          anEvent()
            .school(schoolOf(place))
            .timeslot(`t-${place}`)
            .teacher(`teacher-${place % 9}`)
            .parents({ id: `parent-${place}`, about: 'Deniz' })
            .wanting(place % 2 === 0 ? 'google-meet' : 'microsoft-teams'),
        );
        const before = statements;
        await world.take(...events);
        return statements - before;
      };
      const one = await count(1, () => `${school}-one`);
      expect(one).toBeGreaterThan(5);
      expect(await count(200, () => `${school}-many`)).toBeLessThanOrEqual(one + 2);
      expect(await count(200, (place) => `${school}-each-${place % 20}`)).toBeLessThanOrEqual(one + 2);
      expect(one).toBeLessThanOrEqual(30);
    } finally {
      prototype.query = query;
    }
  });
});

describe('R5 P12 nothing of a person is stored in clear', () => {
  const CANARIES = [
    'Zwaluwnest',
    'canary-teacher@planted.example',
    'Planted Teacher',
    'Planted Parent',
    'canary-parent@planted.example',
    'Plantedchild',
    'Planted Evening',
    'Planted Contact',
    'canary-contact@planted.example',
    'anne-canary@account.example',
    'meet.google.com',
  ];

  it('in any column of any table', async () => {
    const shared = world;
    world = await World.open();
    try {
      await look();
    } finally {
      await world.close();
      world = shared;
    }
  });

  const look = async () => {
    world.visitors.set('p-7', 'anne-canary');
    await world.take(
      anEventHere()
        .school(school, { name: 'Zwaluwnest' })
        .evening('e-9', 'Planted Evening')
        .teacher('p-7', { name: 'Planted Teacher', email: 'canary-teacher@planted.example' })
        .parents({
          id: 'p-canary',
          name: 'Planted Parent',
          email: 'canary-parent@planted.example',
          about: 'Plantedchild',
        })
        .wanting('google-meet'),
      aSchoolChanged(school, {
        name: 'Zwaluwnest',
        contacts: [
          { id: 'c-1', name: 'Planted Contact', email: 'canary-contact@planted.example', locale: 'nl', role: 'admin' },
        ],
      }),
    );
    await world.settleAll();
    const url = world.google.liveMeetings().at(-1)!.url;
    const tables = await world.db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
    );
    let dump = '';
    for (const { name } of tables)
      dump += (await world.db.query<{ row: string }>(`select t::text as row from ${name} t`))
        .map(({ row }) => row)
        .join('\n');
    expect(dump).toContain('p-canary');
    expect(dump).toContain(school);
    const forms = (text: string) => [
      text,
      Buffer.from(text).toString('hex'),
      Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1),
    ];
    for (const canary of [...CANARIES, url])
      for (const form of forms(canary)) expect(dump.toLowerCase()).not.toContain(form.toLowerCase());
  };
});

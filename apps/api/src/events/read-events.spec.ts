import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { aPersonChanged, aPersonLeft, aSchoolChanged, anEvent, NOW } from '../../../../test/factories/an-event.js';
import { Problem } from '../http/problem.js';
import { readEvents } from './read-events.js';

const deps = { index: new BlindIndex(KeyRing.generate().ring), now: NOW };
const read = (value: unknown, isBatch = false) => readEvents(Buffer.from(JSON.stringify(value)), isBatch, deps);
const readText = (text: string, isBatch = false) => readEvents(Buffer.from(text), isBatch, deps);
const refusal = async (work: () => Promise<unknown>) => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.getStatus(), pointers: error.faults.map(({ pointer }) => pointer) };
  }
  return null;
};
type Json = Record<string, unknown>;
const event = () => anEvent().parents('p-1').wanting('google-meet').build() as unknown as Json & { data: Json };
/** The event with one member set, or taken away where the value is undefined. */
const withMember = (path: string, value: unknown) => {
  const made = event();
  const names = path.split('/');
  let target: Json = made;
  for (const name of names.slice(0, -1)) target = target[name] as Json;
  target[names.at(-1)!] = value;
  return made;
};

describe('P13 what is taken in', () => {
  it('reads every type of the contract', async () => {
    const batch = [event(), aPersonChanged('p-1'), aPersonLeft('p-1'), aSchoolChanged('s-1')];
    const kinds = (await read(batch, true)).map(({ change }) => change.kind);
    expect(kinds).toEqual(['timeslot', 'person', 'person-left', 'school']);
  });

  it('ignores unknown members, and takes an empty batch', async () => {
    expect(await read(withMember('data/more', { any: 1 }))).toHaveLength(1);
    expect(await read([], true)).toEqual([]);
  });

  it('tells absent, null and an object of the conference apart', async () => {
    const conference = async (made: unknown) => ((await read(made))[0]!.change as { conference?: unknown }).conference;
    expect(await conference(withMember('data/conference', undefined))).toBeUndefined();
    expect(await conference(withMember('data/conference', null))).toBeNull();
    expect(await conference(event())).toEqual({ provider: 'google-meet' });
  });

  it('hashes a body whatever the order of its members', async () => {
    const made = event();
    const turned = Object.fromEntries(Object.entries(made).reverse());
    const hashOf = async (value: unknown) => (await read(value))[0]!.bodyHash;
    expect(await hashOf(turned)).toEqual(await hashOf(made));
    expect(await hashOf({ ...made, data: { ...made.data, more: 1 } })).not.toEqual(await hashOf(made));
  });

  it('counts lengths by character, not by half of one', async () => {
    expect(await refusal(() => read(withMember('data/teacher/name', '😀'.repeat(200))))).toBeNull();
    expect(await refusal(() => read(withMember('data/teacher/name', '😀'.repeat(201))))).toMatchObject({ status: 422 });
    expect(await refusal(() => read(withMember('data/timeslot/id', 'x'.repeat(128))))).toBeNull();
    expect(await refusal(() => read(withMember('data/timeslot/id', 'x'.repeat(129))))).toMatchObject({ status: 422 });
    expect(await refusal(() => read(withMember('data/teacher/email', `${'x'.repeat(248)}@a.nl`)))).toBeNull();
    expect(await refusal(() => read(withMember('data/teacher/email', `${'x'.repeat(250)}@a.nl`)))).toMatchObject({
      status: 422,
    });
  });
});

describe('P13 what is refused, with its reason', () => {
  it.each([
    ['specversion', '0.3'],
    ['id', ''],
    ['id', undefined],
    ['source', 7],
    ['type', undefined],
    ['time', undefined],
    ['time', '2026-11-20'],
    ['time', '2026-02-30T08:00:00Z'],
    ['time', '0000-01-01T00:00:00Z'],
    ['datacontenttype', 7],
  ])('400: %s = %j', async (path, value) => {
    expect(await refusal(() => read(withMember(path, value)))).toEqual({ status: 400, pointers: [`/${path}`] });
  });

  it.each([
    ['type', 'parentmeetings.unknown.v1', 'type'],
    ['type', '__proto__', 'type'],
    ['data_base64', 'eA==', 'data_base64'],
    ['datacontenttype', 'text/plain', 'datacontenttype'],
    ['time', '2026-11-22T10:05:01Z', 'time'],
    ['id', 'x'.repeat(129), 'id'],
    ['data', undefined, 'data'],
    ['data/timeslot/end', '2026-11-24T19:00:00+01:00', 'data/timeslot/end'],
    ['data/timeslot/end', '2026-11-24T18:59:59+01:00', 'data/timeslot/end'],
    ['data/timeslot/start', '2026-11-24T19:00:00', 'data/timeslot/start'],
    ['data/timeslot/end', '9999-12-31T23:59:59-01:00', 'data/timeslot/end'],
    ['data/timeslot/version', 1.5, 'data/timeslot/version'],
    ['data/timeslot/version', -1, 'data/timeslot/version'],
    ['data/timeslot/version', 2 ** 53, 'data/timeslot/version'],
    ['data/timeslot/status', 'maybe', 'data/timeslot/status'],
    ['data/school/timeZone', 'Europe/Nowhere', 'data/school/timeZone'],
    ['data/school/timeZone', '+01:00', 'data/school/timeZone'],
    ['data/school/id', '', 'data/school/id'],
    ['data/teacher/name', 'a\u0000b', 'data/teacher/name'],
    ['data/teacher/email', 'nobody', 'data/teacher/email'],
    ['data/parents', {}, 'data/parents'],
    ['data/parents/0/id', undefined, 'data/parents/0/id'],
    ['data/parents/0/household', '', 'data/parents/0/household'],
    ['data/conference', {}, 'data/conference/provider'],
    ['data/conference', { provider: 'zoom' }, 'data/conference/provider'],
  ])('422: %s = %j', async (path, value, pointer) => {
    const refused = await refusal(() => read(withMember(path, value)));
    expect(refused!.status).toBe(422);
    expect(refused!.pointers).toContain(`/${pointer}`);
  });

  it('takes application/json with a charset, and +json', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/problem+json'])
      expect(await refusal(() => read(withMember('datacontenttype', type)))).toBeNull();
  });

  it('refuses lone surrogates where they count and where they do not', async () => {
    const text = (path: string) => JSON.stringify(withMember(path, 'a')).replace('"a"', '"\\ud800"');
    expect(await refusal(() => readText(text('data/teacher/name')))).toMatchObject({
      status: 422,
      pointers: ['/data/teacher/name'],
    });
    expect(await refusal(() => readText(text('more')))).toEqual({ status: 422, pointers: [''] });
  });

  it('refuses a number that no JSON program can compare', async () => {
    const text = JSON.stringify(withMember('more', 'x'));
    expect(await refusal(() => readText(text.replace('"x"', '1e999')))).toEqual({ status: 422, pointers: [''] });
  });

  it('says all faults at once, each with the place in its batch', async () => {
    const broken = withMember('data/timeslot/end', '2026-11-24T19:00:00+01:00');
    (broken.data['teacher'] as Json)['name'] = 7;
    expect(await refusal(() => read([event(), broken], true))).toEqual({
      status: 422,
      pointers: ['/1/data/timeslot/end', '/1/data/teacher/name'],
    });
  });

  it('tells what is malformed before what cannot be, and too many before both', async () => {
    const cannot = withMember('data/timeslot/status', 'maybe');
    const malformed = withMember('specversion', '0.3');
    expect(await refusal(() => read([cannot, malformed], true))).toEqual({ status: 400, pointers: ['/1/specversion'] });
    const many = (count: number, value: unknown) => Array.from({ length: count }, () => value);
    expect(await refusal(() => read(many(501, malformed), true))).toMatchObject({ status: 413 });
    expect(await refusal(() => read(many(500, {}), true))).toMatchObject({ status: 400 });
  });

  it('refuses what is not JSON, not UTF-8, or of the wrong shape', async () => {
    for (const text of ['', '{', 'null', '[]', '"x"']) expect((await refusal(() => readText(text)))!.status).toBe(400);
    expect((await refusal(() => readText('{}', true)))!.status).toBe(400);
    expect((await refusal(() => readEvents(Buffer.from([0x7b, 0xff, 0x7d]), false, deps)))!.status).toBe(400);
    expect(await refusal(() => read([null, 7], true))).toEqual({ status: 400, pointers: ['/0', '/1'] });
  });
});

describe('P13 reading a signed event is bounded', () => {
  const text = (more: string) => JSON.stringify(withMember('more', 'x')).replace('"x"', more);
  const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}1${close.repeat(levels)}`;

  it('takes 32 levels of nesting, and refuses the next one with its pointer, before it is parsed', async () => {
    expect(await refusal(() => readText(text(nested(31))))).toBeNull();
    for (const deep of [nested(32), nested(200_000), nested(200_000, '{"a":', '}'), nested(200_000, '[', '')])
      expect(await refusal(() => readText(text(deep)))).toEqual({ status: 422, pointers: ['/more'] });
  });

  it('takes 20,000 members and elements, and refuses more', async () => {
    const wide = (count: number) => `[${Array.from({ length: count }, () => '1').join()}]`;
    expect(await refusal(() => readText(text(wide(19_900))))).toBeNull();
    const object = `{${Array.from({ length: 20_001 }, (_, n) => `"k${n}":1`).join()}}`;
    for (const much of [wide(20_001), wide(900_000), object])
      expect(await refusal(() => readText(text(much)))).toEqual({ status: 422, pointers: [''] });
  });

  it('points at the event of a batch, and reports what is malformed first', async () => {
    const batch = `[${JSON.stringify(event())}, ${text(nested(40))}]`;
    expect(await refusal(() => readText(batch, true))).toEqual({ status: 422, pointers: ['/1/more'] });
    const both = `[${text(nested(40))}, {}]`;
    expect(await refusal(() => readText(both, true))).toMatchObject({ status: 400 });
  });

  it.each([
    ['brackets in strings', text(JSON.stringify(nested(400)))],
    ['quotes and backslashes in strings', text(JSON.stringify('\\"[{'.repeat(100)))],
    ['a member called __proto__', text('1').replace('"more"', '"__proto__"')],
    ['a member twice', text('1').replace('"more"', '"id":"first","id"').replace('"id":1', '"id":"second"')],
    ['a long number', text('9'.repeat(300))],
    ['a byte order mark', `\ufeff${text('1')}`],
  ])('is not misled by %s', async (_name, body) => {
    expect(await refusal(() => readText(body))).toBeNull();
    expect(await refusal(() => readText(`[${body.replace('\ufeff', '')}]`, true))).toBeNull();
  });

  it.each(['[{]', '[1}', '[[]', '[1]]', '[1,]', '[,1]', '[1] 2', '["a]', '[]]', ','])('%s is no list', async (body) => {
    expect(await refusal(() => readText(body, true))).toMatchObject({ status: 400 });
  });

  it('lists a hundred faults at most, and says that there are more', async () => {
    const parents = Array.from({ length: 3_000 }, () => ({}));
    const refused = await refusal(() => read(withMember('data/parents', parents)));
    expect(refused!.status).toBe(422);
    expect(refused!.pointers).toHaveLength(101);
    expect(refused!.pointers.at(-1)).toBe('');
  });

  it('lets others have their turn between the events of a large batch', async () => {
    const batch = Array.from({ length: 500 }, (_, n) => ({ ...event(), id: `e-${n}`, filler: 'x'.repeat(3_000) }));
    let turns = 0;
    let reading = true;
    const count = () => {
      turns += 1;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    expect(await read(batch, true)).toHaveLength(500);
    reading = false;
    // Two million bytes, 64 KiB a turn.
    expect(turns).toBeGreaterThan(25);
  });
});

describe('P13 nothing that is sent takes the reader down', () => {
  it('any bytes are read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        async (bytes, isBatch) => void (await refusal(() => readEvents(Buffer.from(bytes), isBatch, deps))),
      ),
    );
  });

  it('any JSON is read or refused', async () => {
    const readOrRefused = async (text: string, isBatch: boolean) => void (await refusal(() => readText(text, isBatch)));
    await fc.assert(fc.asyncProperty(fc.json(), fc.boolean(), readOrRefused));
  });

  it('any member of a good event may be anything', async () => {
    const paths = [
      'id',
      'source',
      'type',
      'time',
      'data',
      'datacontenttype',
      'data/school',
      'data/timeslot',
      'data/timeslot/start',
      'data/timeslot/version',
      'data/school/timeZone',
      'data/teacher',
      'data/parents',
      'data/parents/0',
      'data/conference',
      'extra',
    ];
    const time = fc
      .tuple(
        fc.integer({ min: 0, max: 9999 }),
        fc.constantFrom('-01-01T00:00:00Z', '-12-31T23:59:59-23:59', '-02-29T24:00:00+14:00'),
      )
      .map(([year, rest]) => `${String(year).padStart(4, '0')}${rest}`);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(fc.anything(), time), async (path, value) => {
        let text: string;
        try {
          text = JSON.stringify(withMember(path, value));
        } catch {
          return;
        }
        await refusal(async () => {
          for (const { toldAt, change } of await readText(text)) {
            const instants =
              change.kind === 'timeslot' ? [toldAt, change.timeslot.startAt, change.timeslot.endAt] : [toldAt];
            for (const instant of instants) expect(instant.toISOString()).toMatch(/^\d{4}-/);
          }
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

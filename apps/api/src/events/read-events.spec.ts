import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { aPersonChanged, aPersonLeft, aSchoolChanged, anEvent, NOW } from '../../../../test/factories/an-event.js';
import { Problem } from '../http/problem.js';
import { readEvents } from './read-events.js';

const deps = { index: new BlindIndex(KeyRing.generate().ring), now: NOW };
const read = (value: unknown, isBatch = false) => readEvents(Buffer.from(JSON.stringify(value)), isBatch, deps);
const readText = (text: string, isBatch = false) => readEvents(Buffer.from(text), isBatch, deps);
const refusal = (work: () => unknown) => {
  try {
    work();
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
  it('reads every type of the contract', () => {
    const kinds = read([event(), aPersonChanged('p-1'), aPersonLeft('p-1'), aSchoolChanged('s-1')], true).map(
      ({ change }) => change.kind,
    );
    expect(kinds).toEqual(['timeslot', 'person', 'person-left', 'school']);
  });

  it('ignores unknown members, and takes an empty batch', () => {
    expect(read(withMember('data/more', { any: 1 }))).toHaveLength(1);
    expect(read([], true)).toEqual([]);
  });

  it('tells absent, null and an object of the conference apart', () => {
    const conference = (made: unknown) => (read(made)[0]!.change as { conference?: unknown }).conference;
    expect(conference(withMember('data/conference', undefined))).toBeUndefined();
    expect(conference(withMember('data/conference', null))).toBeNull();
    expect(conference(event())).toEqual({ provider: 'google-meet' });
  });

  it('hashes a body whatever the order of its members', () => {
    const made = event();
    const turned = Object.fromEntries(Object.entries(made).reverse());
    expect(read(turned)[0]!.bodyHash).toEqual(read(made)[0]!.bodyHash);
    expect(read({ ...made, data: { ...made.data, more: 1 } })[0]!.bodyHash).not.toEqual(read(made)[0]!.bodyHash);
  });

  it('counts lengths by character, not by half of one', () => {
    expect(refusal(() => read(withMember('data/teacher/name', '😀'.repeat(200))))).toBeNull();
    expect(refusal(() => read(withMember('data/teacher/name', '😀'.repeat(201))))).toMatchObject({ status: 422 });
    expect(refusal(() => read(withMember('data/timeslot/id', 'x'.repeat(128))))).toBeNull();
    expect(refusal(() => read(withMember('data/timeslot/id', 'x'.repeat(129))))).toMatchObject({ status: 422 });
    expect(refusal(() => read(withMember('data/teacher/email', `${'x'.repeat(248)}@a.nl`)))).toBeNull();
    expect(refusal(() => read(withMember('data/teacher/email', `${'x'.repeat(250)}@a.nl`)))).toMatchObject({
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
  ])('400: %s = %j', (path, value) => {
    expect(refusal(() => read(withMember(path, value)))).toEqual({ status: 400, pointers: [`/${path}`] });
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
  ])('422: %s = %j', (path, value, pointer) => {
    const refused = refusal(() => read(withMember(path, value)));
    expect(refused!.status).toBe(422);
    expect(refused!.pointers).toContain(`/${pointer}`);
  });

  it('takes application/json with a charset, and +json', () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/problem+json'])
      expect(refusal(() => read(withMember('datacontenttype', type)))).toBeNull();
  });

  it('refuses lone surrogates where they count and where they do not', () => {
    const text = (path: string) => JSON.stringify(withMember(path, 'a')).replace('"a"', '"\\ud800"');
    expect(refusal(() => readText(text('data/teacher/name')))).toMatchObject({
      status: 422,
      pointers: ['/data/teacher/name'],
    });
    expect(refusal(() => readText(text('more')))).toEqual({ status: 422, pointers: [''] });
  });

  it('refuses a number that no JSON program can compare, and nesting without end', () => {
    const text = JSON.stringify(withMember('more', 'x'));
    expect(refusal(() => readText(text.replace('"x"', '1e999')))).toEqual({ status: 422, pointers: [''] });
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect([null, 400, 422]).toContain(refusal(() => readText(text.replace('"x"', deep)))?.status ?? null);
  });

  it('says all faults at once, each with the place in its batch', () => {
    const broken = withMember('data/timeslot/end', '2026-11-24T19:00:00+01:00');
    (broken.data['teacher'] as Json)['name'] = 7;
    expect(refusal(() => read([event(), broken], true))).toEqual({
      status: 422,
      pointers: ['/1/data/timeslot/end', '/1/data/teacher/name'],
    });
  });

  it('tells what is malformed before what cannot be, and too many before both', () => {
    const cannot = withMember('data/timeslot/status', 'maybe');
    const malformed = withMember('specversion', '0.3');
    expect(refusal(() => read([cannot, malformed], true))).toEqual({ status: 400, pointers: ['/1/specversion'] });
    expect(
      refusal(() =>
        read(
          Array.from({ length: 501 }, () => malformed),
          true,
        ),
      ),
    ).toMatchObject({ status: 413 });
    expect(
      refusal(() =>
        read(
          Array.from({ length: 500 }, () => ({})),
          true,
        ),
      ),
    ).toMatchObject({ status: 400 });
  });

  it('refuses what is not JSON, not UTF-8, or of the wrong shape', () => {
    for (const text of ['', '{', 'null', '[]', '"x"']) expect(refusal(() => readText(text))!.status).toBe(400);
    expect(refusal(() => readText('{}', true))!.status).toBe(400);
    expect(refusal(() => readEvents(Buffer.from([0x7b, 0xff, 0x7d]), false, deps))!.status).toBe(400);
    expect(refusal(() => read([null, 7], true))).toEqual({ status: 400, pointers: ['/0', '/1'] });
  });
});

describe('P13 nothing that is sent takes the reader down', () => {
  it('any bytes are read or refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        (bytes, isBatch) => void refusal(() => readEvents(Buffer.from(bytes), isBatch, deps)),
      ),
    );
  });

  it('any JSON is read or refused', () => {
    fc.assert(fc.property(fc.json(), fc.boolean(), (text, isBatch) => void refusal(() => readText(text, isBatch))));
  });

  it('any member of a good event may be anything', () => {
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
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.oneof(fc.anything(), time), (path, value) => {
        let text: string;
        try {
          text = JSON.stringify(withMember(path, value));
        } catch {
          return;
        }
        refusal(() => {
          for (const { toldAt, change } of readText(text)) {
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

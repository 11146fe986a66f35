import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParentMeetingsEvent, PersonData } from '#libs/client';
import { ASchool } from '../support/a-school.js';
import { Product } from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await Product.start();
});
afterAll(() => product?.close());

/** The same instant, to the digits given below the second. */
const at = (fraction: string) => `${new Date(Date.now() - 60_000).toISOString().slice(0, 17)}00.${fraction}Z`;
const statusOf = async (event: ParentMeetingsEvent) =>
  ((await product.emit(event)) as unknown as { status: string }[])[0]!.status;

describe('P13 what is said last counts, to the nanosecond', () => {
  const named = (school: ASchool, person: PersonData, name: string, time: string): ParentMeetingsEvent => ({
    ...school.named({ ...person, name }),
    time,
  });
  const nameOf = async (school: ASchool, person: PersonData) => {
    const own = await product.bearer('parent', school, person);
    const data = await product.get<{ person: { name: string } | null }>(own, `/v1/people/${person.id}/data`);
    return data.person?.name;
  };

  it.each([
    ['nine digits', '123000002', '123000001'],
    ['six digits', '123002', '123001'],
    ['seven beside three', '1230001', '123'],
    ['nine beside none', '000000001', '0'],
  ])('a person, with %s', async (_, later, earlier) => {
    for (const order of ['as they were sent', 'shuffled']) {
      const school = new ASchool();
      const parent = school.parent();
      await product.emit(school.slot());
      const minute = Date.now() + 60_000;
      const base = new Date(minute).toISOString().slice(0, 19);
      const events = [
        named(school, parent, 'Earlier', `${base}.${earlier}Z`),
        named(school, parent, 'Later', `${base}.${later}Z`),
      ];
      // The ids say the opposite: they count only where the times are the same.
      Object.assign(events[0]!, { id: `z-${randomUUID()}` });
      Object.assign(events[1]!, { id: `a-${randomUUID()}` });
      const statuses = [];
      for (const event of order === 'shuffled' ? events.toReversed() : events) statuses.push(await statusOf(event));
      expect(statuses).toEqual(order === 'shuffled' ? ['accepted', 'stale'] : ['accepted', 'accepted']);
      expect(await nameOf(school, parent)).toBe('Later');
    }
  });

  it('a school, its settings, its evening, and who left', async () => {
    const school = new ASchool();
    await product.emit(school.slot());
    const base = new Date(Date.now() + 60_000).toISOString().slice(0, 19);
    const times = [`${base}.5000005Z`, `${base}.500000400Z`];
    const settings = [0, 1].map((n) => ({
      ...school.changed({ name: `School ${n}`, revealMinutes: n + 20 }),
      time: times[n]!,
    }));
    expect([await statusOf(settings[0]!), await statusOf(settings[1]!)]).toEqual(['accepted', 'stale']);
    const [row] = await product.db.query('select reveal_minutes from schools where id = $1', [school.id]);
    expect(row).toEqual({ reveal_minutes: 20 });
    const parent = school.parent();
    const left = { ...school.left(parent), time: times[1]! };
    const back = { ...school.named(parent), time: times[0]! };
    await product.emit(back);
    await product.emit(left);
    // Named after leaving, though by less than a millisecond.
    const own = await product.bearer('parent', school, parent);
    expect((await product.get<{ rows: unknown[] }>(own, '/v1/me/conferences')).rows).toHaveLength(1);
  });
});

describe('P8 names that are the same in another spelling are stored in one', () => {
  it.each([
    ['europe/amsterdam', 'Europe/Amsterdam'],
    ['EUROPE/LONDON', 'Europe/London'],
    ['utc', 'UTC'],
  ])('time zone %s', async (given, stored) => {
    const school = new ASchool();
    const slot = school.slot();
    await product.emit({ ...slot, data: { ...slot.data, school: { ...slot.data.school, timeZone: given } } });
    expect(await product.db.query('select time_zone from schools where id = $1', [school.id])).toEqual([
      { time_zone: stored },
    ]);
  });

  it('languages and domains', async () => {
    const school = new ASchool();
    await product.emit({
      ...school.changed({ locale: 'NL_be', accountDomains: ['School.Example', 'Schule-Köln.DE'] }),
      time: at('1'),
    });
    expect(await product.db.query('select locale, account_domains from schools where id = $1', [school.id])).toEqual([
      { locale: 'nl-BE', account_domains: ['school.example', 'xn--schule-kln-lcb.de'] },
    ]);
    const parent = { ...school.parent(), locale: 'PT-br' };
    await product.emit(school.slot(1, { parents: [parent] }));
    expect(await product.db.query('select locale from people where id = $1', [parent.id])).toEqual([
      { locale: 'pt-BR' },
    ]);
  });
});

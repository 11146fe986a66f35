import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASchool, inMinutes } from '../support/a-school.js';
import { Product, bare } from '../support/product.js';
import { until } from '../support/until.js';

describe('P5 the join link', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.close());

  const ready = async (more: Parameters<ASchool['slot']>[1] = {}, settings?: Parameters<ASchool['changed']>[0]) => {
    const school = new ASchool();
    await product.emit(
      ...(settings ? [school.changed(settings)] : []),
      school.slot(1, { wanting: 'google-meet', ...more }),
    );
    await product.teacher(school);
    await product.untilReady(school);
    return { school, link: await product.joinLink(school.parent()), row: await product.row(school) };
  };
  const join = (link: string, headers: Record<string, string> = {}) => bare(link, { method: 'POST', headers });
  const state = (school: ASchool) =>
    product.db.query(
      'select p.*, m.state, m.generation from timeslot_parents p join meetings m using (school_id, timeslot_id) where p.school_id = $1',
      [school.id],
    );

  it('opens ten minutes before the start unless the school says otherwise', async () => {
    const { school, link, row } = await ready({ start: inMinutes(12) });
    const early = await join(link);
    expect([early.status, early.headers.get('location')]).toEqual([200, null]);
    await product.emit(school.changed({ revealMinutes: 15 }));
    const open = await join(link);
    expect([open.status, open.headers.get('location')]).toEqual([303, row.meetingUrl]);
    expect(open.headers.get('referrer-policy')).toBe('no-referrer');
    await product.emit(school.changed({ revealMinutes: 5 }));
    expect((await join(link)).status).toBe(200);
  });

  it('stays open until thirty minutes after the end', async () => {
    const { school, link, row } = await ready({ start: inMinutes(1) });
    await product.emit(school.slot(1, { start: inMinutes(-38) }));
    expect((await join(link)).headers.get('location')).toBe(row.meetingUrl);
    await product.emit(school.slot(1, { start: inMinutes(-41) }));
    expect((await join(link)).status).toBe(200);
  });

  it('GET and HEAD change nothing and show no URL: mail scanners cannot burn it', async () => {
    const { school, link, row } = await ready({}, { revealMinutes: null });
    const before = await state(school);
    for (const method of ['GET', 'HEAD', 'GET']) {
      const looked = await bare(link, { method });
      expect(looked.status).toBe(200);
      expect(looked.headers.get('referrer-policy')).toBe('no-referrer');
      expect(looked.headers.get('cache-control')).toBe('no-store');
      const page = await looked.text();
      expect(page).not.toContain('/meet/');
      expect(page).not.toContain('Vinkenburg');
      if (method === 'GET') expect(page).toContain(school.teacher().name);
    }
    expect(await state(school)).toEqual(before);
    expect((await join(link)).headers.get('location')).toBe(row.meetingUrl);
    expect(await state(school)).not.toEqual(before);
  });

  it('passes without an Origin or with ours, not with a stranger’s', async () => {
    const { link } = await ready({}, { revealMinutes: null });
    expect((await join(link)).status).toBe(303);
    expect((await join(link, { origin: product.appUrl })).status).toBe(303);
    expect((await join(link, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('R6 of somebody who is no longer a parent of the slot is 404 at once, like one that never was', async () => {
    const { school, link } = await ready({}, { revealMinutes: null });
    await product.emit(school.slot(1, { parents: [school.parent(2)] }));
    const told = async (response: Response) => ({
      status: response.status,
      body: ((await response.json()) as { requestId?: string; detail: string }).detail,
      headers: [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
    });
    for (const method of ['GET', 'POST']) {
      const unknown = await told(await bare(`${product.appUrl}/j/${'x'.repeat(43)}`, { method }));
      expect(unknown.status).toBe(404);
      expect(await told(await bare(link, { method }))).toEqual(unknown);
    }
    expect((await bare(`${link}/calendar.ics`)).status).toBe(404);
    expect((await bare(`${product.appUrl}/j/unknown/calendar.ics`)).status).toBe(404);
  });

  it('P3 after a reveal, a parent who leaves makes the URL rotate; the other keeps the join link', async () => {
    const school = new ASchool();
    const [stays, leaves] = [school.parent(1), school.parent(2)];
    await product.emit(
      school.changed({ revealMinutes: null }),
      school.slot(1, { parents: [stays, leaves], wanting: 'google-meet' }),
    );
    await product.teacher(school);
    await product.untilReady(school);
    const old = (await product.row(school)).meetingUrl;
    const [mine, theirs] = [await product.joinLink(stays), await product.joinLink(leaves)];
    expect((await join(theirs)).headers.get('location')).toBe(old);
    await product.emit(school.slot(1, { parents: [stays] }));
    expect((await join(theirs)).status).toBe(404);
    const location = await until('a new URL behind the same link', async () => {
      const now = (await join(mine)).headers.get('location');
      return now !== old && now;
    });
    expect((await product.row(school)).meetingUrl).toBe(location);
    await until('the old meeting is gone', () => product.live(school.teacher().email).every(({ url }) => url !== old));
    expect(product.live(school.teacher().email)).toHaveLength(1);
    expect(product.sandbox.mailbox.to(stays.email)).toHaveLength(1);
  });

  it('asks for sign-in where the school wants it: only that very person', async () => {
    const { school, link, row } = await ready({}, { revealMinutes: null, joinRequiresSignIn: true });
    expect((await join(link)).status).toBe(200);
    const other = await product.browser('parent', school, school.parent(2));
    expect((await other.fetch(link, { method: 'POST' })).status).toBe(200);
    const self = await product.browser('parent', school, school.parent());
    expect((await self.fetch(link, { method: 'POST' })).headers.get('location')).toBe(row.meetingUrl);
    const bearer = await product.bearer('parent', school, school.parent());
    const mine = await product.get<{ rows: unknown[] }>(bearer, '/v1/me/conferences');
    expect(mine.rows).toEqual([
      {
        timeslotId: school.slotId(),
        start: row.start,
        end: row.end,
        status: 'ready',
        joinable: true,
        teacher: { name: school.teacher().name },
        joinLink: link,
      },
    ]);
  });

  it('has a calendar file with our own link alone, under a name of ours', async () => {
    const { link } = await ready();
    const file = await bare(`${link}/calendar.ics`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
    expect(file.headers.get('referrer-policy')).toBe('no-referrer');
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="meeting.ics"');
    const text = (await file.text()).replace(/\r\n /g, '');
    expect(text).toContain('METHOD:PUBLISH');
    expect(text).toContain(link);
    expect(text).not.toContain('/meet/');
    expect(text).not.toContain('Vinkenburg');
  });

  // The last one: from then on this address gets 429 for an unknown link.
  it('who tries many unknown links is told to wait, on the page for as long as Retry-After says', async () => {
    const guess = () => bare(`${product.appUrl}/j/${'B'.repeat(43)}`, { headers: { accept: 'text/html' } });
    let answer = await guess();
    for (let count = 0; count < 60 && answer.status === 404; count += 1) answer = await guess();
    const seconds = Number(answer.headers.get('retry-after'));
    expect([answer.status, seconds > 90]).toEqual([429, true]);
    expect(await answer.text()).toContain(`Wait ${Math.ceil(seconds / 60)} minutes and try again.`);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASchool } from '../support/a-school.js';
import { backends } from '../support/backends.js';
import { Product, bare, joinLinkOf, type ProblemBody, type Row } from '../support/product.js';

describe.each(backends())('P7 an evening, its queue on %s', (backend) => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start({ backend });
  });
  afterAll(() => product?.close());

  it('becomes ready by one press, is mailed once to each parent, and each link leads to the own meeting', async () => {
    const school = new ASchool();
    const parents = [1, 2, 3].map((n) => school.parent(n, ['nl', 'tr', 'en'][n - 1]));
    await product.emit(
      school.changed({ revealMinutes: null }),
      ...parents.map((parent, n) => school.slot(n + 1, { parents: [parent] })),
    );
    const browser = await product.teacher(school);
    const pressed = await product.send(browser, 'POST', '/v1/conferences', {
      provider: 'google-meet',
      eveningId: school.evening.id,
    });
    expect(pressed.status).toBe(202);
    expect(await pressed.json()).toEqual({
      accepted: 3,
      url: `${product.appUrl}/v1/evenings/${school.evening.id}/conferences`,
    });
    const progress = await product.untilReady(school, 3);
    expect(progress).toMatchObject({ total: 3, ready: 3, needsOwner: 0, failed: 0, working: 0 });
    expect(progress.perTeacher).toMatchObject([{ teacher: { id: school.teacher().id }, ready: 3 }]);
    const rows = await product.rows(school);
    expect(new Set(rows.map(({ meetingUrl }) => meetingUrl)).size).toBe(3);
    const live = product.live(school.teacher().email);
    expect(live).toHaveLength(3);
    for (const [n, parent] of parents.entries()) {
      const mail = await product.mailTo(parent);
      expect(mail.text + mail.html + mail.attachments.map(({ content }) => content).join()).not.toContain('/meet/');
      const joined = await bare(joinLinkOf(mail), { method: 'POST' });
      expect([joined.status, joined.headers.get('location')]).toEqual([303, rows[n]!.meetingUrl]);
      expect(live.map(({ url }) => url)).toContain(rows[n]!.meetingUrl);
    }
    expect(product.sandbox.ledger.violations).toEqual([]);
  });

  it('P3 a moved slot keeps its URL and tells each parent once; a removed one is gone at the provider', async () => {
    const school = new ASchool();
    const parent = school.parent();
    const browser = await product.teacher(school);
    await product.emit(school.slot(1, { wanting: 'google-meet' }));
    await product.untilReady(school);
    const before = await product.row(school);
    const first = await product.mailTo(parent);
    const entryOf = (file: string) =>
      file
        .replace(/\r?\n /g, '')
        .split(/\r?\n/)
        .filter((line) => /^(METHOD|UID|SEQUENCE|SUMMARY|DTSTART|DTEND|ORGANIZER|STATUS|URL)\b/.test(line));
    // Whoever takes the file of the page, too, has one entry of it.
    const isDownloaded = async (mail: typeof first) => {
      const entry = entryOf(mail.attachments[0]!.content);
      expect(entry.length).toBeGreaterThan(7);
      expect(entryOf(await (await bare(`${joinLinkOf(mail)}/calendar.ics`)).text())).toEqual(entry);
    };
    await isDownloaded(first);
    const moved = school.slot(1, { minutes: 20 });
    await product.emit(moved);
    const after = await product.untilRow(
      school,
      'is moved',
      (row) => row.status === 'ready' && row.end === moved.data.timeslot.end,
    );
    expect(after.meetingUrl).toBe(before.meetingUrl);
    const second = await product.mailTo(parent, ({ n }) => n > first.n);
    expect(joinLinkOf(second)).toBe(joinLinkOf(first));
    await isDownloaded(second);
    expect(product.live(school.teacher().email)).toMatchObject([{ url: before.meetingUrl }]);

    const removed = await product.send(browser, 'DELETE', `/v1/timeslots/${school.slotId()}/conference`);
    expect(removed.status).toBe(202);
    const row = await product.untilRow(school, 'is removed', ({ status }) => status === 'removed');
    expect(row.joinable).toBe(false);
    expect(row.meetingUrl).toBeUndefined();
    expect(product.live(school.teacher().email)).toEqual([]);
    expect((await bare(joinLinkOf(first), { method: 'POST' })).status).toBe(200);
    const last = await product.mailTo(parent, ({ n }) => n > second.n);
    expect(last.attachments[0]?.method).toBe('CANCEL');
    await isDownloaded(last);
    const calendars = [first, second, last].map((mail) => mail.attachments[0]!.content.replace(/\r\n /g, ''));
    expect(new Set(calendars.map((text) => /^UID:(.*)$/m.exec(text)?.[1]!.trim())).size).toBe(1);
    expect(calendars.map((text) => Number(/^SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0))).toEqual([0, 1, 2]);
    expect(product.sandbox.mailbox.to(parent.email)).toHaveLength(3);
  });

  it('P1 waits for its owner without a single call, and a visit resumes it', async () => {
    const school = new ASchool();
    await product.emit(school.slot(1, { wanting: 'google-meet' }), school.slot(2, { wanting: 'google-meet' }));
    await product.untilProgress(school, ({ needsOwner }) => needsOwner === 2);
    expect(await product.rows(school)).toMatchObject([
      { status: 'needs_owner', reason: 'no-login', action: 'connect', joinable: false },
      { status: 'needs_owner' },
    ]);
    expect(product.callsOf(school.teacher().email)).toEqual([]);
    expect(await product.db.query('select failures, epoch from meetings where school_id = $1', [school.id])).toEqual([
      { failures: 0, epoch: 0 },
      { failures: 0, epoch: 0 },
    ]);
    const browser = await product.browser('teacher', school, school.teacher());
    expect(await product.visit(browser)).toEqual({ resumed: 0, needsOwner: 2 });
    await product.connect(browser, 'google', school.teacher().email);
    await product.untilReady(school, 2);
    expect(await product.visit(browser)).toEqual({ resumed: 0, needsOwner: 0 });
    expect(product.live(school.teacher().email)).toHaveLength(2);
    // A worker that lost its memory: the next visit alone, without connecting again, lends anew.
    expect(school.teacher().email).not.toBe('');
  });

  it('P6 a colleague takes over: made first, then the old one goes; the parents keep their link; 409 for who is late', async () => {
    const school = new ASchool();
    const [first, second] = [school.teacher(1), school.teacher(2)];
    await product.emit(
      school.changed({ revealMinutes: null }),
      school.slot(1, { wanting: 'google-meet' }),
      school.slot(2, { teacher: second }),
    );
    await product.teacher(school, 'google', 1);
    await product.untilReady(school, 1);
    const before = await product.row(school);
    const mail = await product.mailTo(school.parent(1));
    const colleague = await product.browser('teacher', school, second);
    const takeOver = (from: string) =>
      product.send(colleague, 'POST', `/v1/timeslots/${school.slotId()}/conference/take-over`, {
        from,
        provider: 'microsoft-teams',
      });
    expect((await takeOver(second.id)).status).toBe(409);
    expect((await takeOver(first.id)).status).toBe(202);
    const waiting = await product.untilRow(school, 'waits', ({ status }) => status === 'needs_owner');
    expect(waiting).toMatchObject({ joinable: true, meetingUrl: before.meetingUrl, owner: { id: first.id } });
    // Who was relieved has nothing to do; who took over connects.
    expect([waiting.action, (await product.row(school, 1, second)).action]).toEqual(['wait', 'connect']);
    expect((await product.connect(colleague, 'microsoft', second.email)).status).toBe(200);
    const after = await product.untilRow(
      school,
      'is taken over',
      (row) => row.status === 'ready' && row.owner?.id === second.id,
    );
    expect(after.meetingUrl).not.toBe(before.meetingUrl);
    expect(product.live(second.email)).toMatchObject([{ url: after.meetingUrl }]);
    const joined = await bare(joinLinkOf(mail), { method: 'POST' });
    expect(joined.headers.get('location')).toBe(after.meetingUrl);
    expect((await takeOver(first.id)).status).toBe(409);
    // Who will be there is told, once (P9).
    const told = await product.mailTo(school.parent(1), ({ n }) => n > mail.n);
    expect(told.text).toContain(second.name);
    expect(product.sandbox.mailbox.to(school.parent(1).email)).toHaveLength(2);
    const evening = await product.send(colleague, 'POST', `/v1/evenings/${school.evening.id}/take-over`, {
      from: 'p-nobody',
      provider: 'microsoft-teams',
    });
    expect(evening.status).toBe(409);
  });
});

describe('P7 wishing', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.close());

  it('a foreign slot is 404 and none is accepted; a wish can be told by ids; a key gives the same answer', async () => {
    const school = new ASchool();
    await product.emit(school.slot(1), school.slot(2), school.slot(3, { teacher: school.teacher(2) }));
    const token = await product.bearer('teacher', school, school.teacher());
    const want = (body: unknown, headers: Record<string, string> = {}) =>
      product.call(token, 'POST', '/v1/conferences', body, headers);
    const foreign = await want({ provider: 'google-meet', timeslotIds: [school.slotId(1), school.slotId(3)] });
    expect(foreign.status).toBe(404);
    expect((await product.row(school)).status).toBeNull();
    const body = { provider: 'google-meet', timeslotIds: [school.slotId(1), school.slotId(2)] };
    const key = { 'idempotency-key': 'k-1' };
    const [one, two] = [await want(body, key), await want(body, key)];
    expect([one.status, two.status]).toEqual([202, 202]);
    const answer = await one.json();
    expect(answer).toMatchObject({ accepted: 2 });
    expect(await two.json()).toEqual(answer);
    expect((await want({ ...body, timeslotIds: [school.slotId(1)] }, key)).status).toBe(422);
    expect((await want({ provider: 'zoom', eveningId: school.evening.id })).status).toBe(422);
    expect((await want({ provider: 'google-meet' })).status).toBe(422);
  });

  it('another provider replaces, unless only what is missing is asked for', async () => {
    const school = new ASchool();
    await product.emit(school.slot(1), school.slot(2));
    const browser = await product.teacher(school);
    await product.connect(browser, 'microsoft', school.teacher().email);
    const want = (body: object) => product.send(browser, 'POST', '/v1/conferences', body);
    await want({ provider: 'google-meet', timeslotIds: [school.slotId(1)] });
    await product.untilReady(school, 1);
    await want({ provider: 'microsoft-teams', eveningId: school.evening.id, onlyMissing: true });
    await product.untilReady(school, 2);
    expect((await product.rows(school)).map(({ provider }) => provider)).toEqual(['google-meet', 'microsoft-teams']);
    await want({ provider: 'microsoft-teams', eveningId: school.evening.id });
    await product.untilRow(
      school,
      'is replaced',
      (row) => row.status === 'ready' && row.provider === 'microsoft-teams',
    );
    await product.sandbox.mailbox.waitFor(({ envelope }) => envelope.to.includes(school.parent(2).email));
    expect((await product.rows(school)).map(({ provider }) => provider)).toEqual([
      'microsoft-teams',
      'microsoft-teams',
    ]);
  });

  it('pages through an evening in order of start, and shows the URL to teacher and owner alone', async () => {
    const school = new ASchool();
    await product.emit(...[3, 1, 2].map((n) => school.slot(n, { wanting: 'google-meet' as const })));
    await product.teacher(school);
    await product.untilReady(school, 3);
    const token = await product.bearer('teacher', school, school.teacher());
    const seen: Row[] = [];
    let path: string | undefined = `/v1/evenings/${school.evening.id}/conferences?limit=1`;
    for (let page = 0; path !== undefined && page < 5; page += 1) {
      const response = await product.call(token, 'GET', path);
      const { rows } = (await response.json()) as { rows: Row[] };
      expect(rows).toHaveLength(1);
      seen.push(...rows);
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(seen.map(({ timeslotId }) => timeslotId)).toEqual([1, 2, 3].map(school.slotId));
    expect(seen.every(({ meetingUrl }) => meetingUrl?.includes('/meet/'))).toBe(true);
    const list = `/v1/evenings/${school.evening.id}/conferences`;
    for (const limit of ['0', '201', 'x', '', '1e2', '%2B5', '0x10', '5.0', '%205', '007', '-1', '5&limit=6']) {
      const refused = await product.call(token, 'GET', `${list}?limit=${limit}`);
      expect([limit, refused.status, ((await refused.json()) as ProblemBody).errors]).toEqual([
        limit,
        422,
        [{ pointer: '/limit', detail: 'must be a whole number from 1 to 200, in digits only and once' }],
      ]);
    }
    expect((await product.call(token, 'GET', `${list}?limit=200`)).status).toBe(200);
    for (const id of ['a\0', '\ud800', 7]) {
      const after = Buffer.from(JSON.stringify(['2026-11-24T18:10:00.000Z', id])).toString('base64url');
      expect((await product.call(token, 'GET', `${list}?after=${after}`)).status).toBe(422);
    }
    for (const bearer of [
      await product.bearer('admin', school),
      await product.bearer('teacher', school, school.teacher(2)),
    ]) {
      const { rows } = await product.get<{ rows: Row[] }>(bearer, `/v1/evenings/${school.evening.id}/conferences`);
      expect(rows.map(({ meetingUrl }) => meetingUrl)).toEqual([undefined, undefined, undefined]);
      // R7: whose account it is, they see.
      expect(rows[0]!.owner).toMatchObject({ account: school.teacher().email, name: school.teacher().name });
    }
  });

  it('P2 what is over is taken in and never made, and its owner who comes late makes nothing', async () => {
    const school = new ASchool();
    const past = new Date(Date.now() - 3_600_000).toISOString();
    const soon = new Date(Date.now() - 600_000 + 2_500).toISOString();
    await product.emit(
      school.slot(1, { start: past, wanting: 'google-meet' }),
      school.slot(2, { start: soon, wanting: 'google-meet' }),
    );
    await product.untilRow(school, 'waits', ({ status }) => status === 'needs_owner', 2);
    expect((await product.row(school, 1)).status).toBe('over');
    await product.untilRow(school, 'is over', ({ status }) => status === 'over', 2);
    await product.teacher(school);
    const marker = new ASchool();
    await product.teacher(marker);
    await product.emit(marker.slot(1, { wanting: 'google-meet' }));
    await product.untilReady(marker);
    await product.mailTo(marker.parent());
    expect(product.callsOf(school.teacher().email)).toEqual([]);
    expect(product.live(school.teacher().email)).toEqual([]);
    for (const n of [1, 2]) expect(product.sandbox.mailbox.to(school.parent(n).email)).toEqual([]);
  });

  it('cancelled suspends, planned again makes a new meeting; the join link stays; retry is taken', async () => {
    const school = new ASchool();
    await product.emit(school.changed({ revealMinutes: null }), school.slot(1, { wanting: 'google-meet' }));
    const browser = await product.teacher(school);
    await product.untilReady(school);
    const before = await product.row(school);
    const mail = await product.mailTo(school.parent());
    await product.emit(school.slot(1, { status: 'cancelled' }));
    await product.untilRow(school, 'is removed', ({ status }) => status === 'removed');
    expect(product.live(school.teacher().email)).toEqual([]);
    const cancel = await product.mailTo(school.parent(), ({ attachments }) => attachments[0]?.method === 'CANCEL');
    expect((await bare(joinLinkOf(mail), { method: 'POST' })).status).toBe(200);
    await product.emit(school.slot(1));
    await product.untilReady(school);
    const again = await product.mailTo(school.parent(), ({ n }) => n > cancel.n);
    expect(joinLinkOf(again)).toBe(joinLinkOf(mail));
    const after = await product.row(school);
    expect(after.meetingUrl).not.toBe(before.meetingUrl);
    const retried = await product.send(browser, 'POST', `/v1/timeslots/${school.slotId()}/conference/retry`);
    expect(retried.status).toBe(202);
  });

  it('P8 colleagues of an evening get one digest that names the account', async () => {
    const school = new ASchool();
    const [one, two] = [school.teacher(1), school.teacher(2)];
    await product.emit(
      school.slot(1, { wanting: 'google-meet' }),
      school.slot(2, { teacher: two, wanting: 'google-meet' }),
    );
    await product.teacher(school, 'google', 1);
    await product.teacher(school, 'google', 2);
    await product.untilReady(school, 2);
    const digest = await product.sandbox.mailbox.waitFor(({ envelope }) => envelope.to.includes(one.email), 25_000);
    expect(digest.text).toContain(two.email);
    expect(digest.text + digest.html).not.toContain('/meet/');
    await product.mailTo(two);
    expect(product.sandbox.mailbox.to(one.email)).toHaveLength(1);
  }, 60_000);
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { METHODS } from '../../apps/api/src/docs/openapi-types.js';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import type { Access } from '../../apps/api/src/http/access.js';
import { ASchool } from '../support/a-school.js';
import { Product, bare, joinLinkOf, type Role } from '../support/product.js';

/** Who calls: fourteen who carry something, and one who carries nothing. `elsewhere`: of another school. */
const CALLERS = {
  nobody: null,
  'a bearer that is over': null,
  'a ticket for a bearer': null,
  "the slot's teacher": 'teacher',
  'a colleague': 'teacher',
  'a teacher elsewhere': 'teacher',
  "the slot's parent": 'parent',
  'another parent': 'parent',
  'a parent elsewhere': 'parent',
  'an admin': 'admin',
  'an admin elsewhere': 'admin',
  'a privacy officer': 'privacy',
  'a privacy officer elsewhere': 'privacy',
  support: 'support',
  ops: 'ops',
} as const satisfies Record<string, Role | null>;
type CallerName = keyof typeof CALLERS;
const NAMES = Object.keys(CALLERS) as CallerName[];
const isElsewhere = (name: CallerName) => name.endsWith('elsewhere');

/** What an id in a path names: the very thing, one of another school, or nothing. */
const TARGETS = ['own', 'foreign', 'unknown'] as const;
type Target = (typeof TARGETS)[number];

interface Row {
  readonly to: Access;
  /** What stands in for the placeholders of the path; absent: there is nothing to be foreign or unknown. */
  readonly id?:
    'slot' | 'evening' | 'slot of the evening' | 'event' | 'person' | 'person to forget' | 'erasure' | 'join token';
  /** Those of the allowed who get through to the thing of the first school; absent: all who are of that school. */
  readonly reached?: readonly CallerName[];
  readonly body?: (target: Target) => unknown;
}

const STAFF = ['teacher', 'admin'] as const;
const TAKE_OVER = () => ({ from: 'p-somebody', provider: 'google-meet' });
const PAGE: Row = { to: 'public' };
const SELF_OR_STAFF = ["the slot's parent", 'a privacy officer', 'support'] as const;
const OF_SLOT = ["the slot's teacher", 'an admin'] as const;

/** The whole policy, route by route. A route without a row, or a row without a route, fails. */
const ROWS: Readonly<Record<string, Row>> = {
  'POST /v1/events': PAGE,
  'GET /v1/events/{source}/{id}': { to: ['support', 'ops'], id: 'event' },
  'POST /v1/conferences': {
    to: ['teacher'],
    id: 'slot',
    reached: ["the slot's teacher"],
    body: (target) => ({ provider: 'google-meet', timeslotIds: [slotIdOf(target)] }),
  },
  'GET /v1/evenings/{id}/conferences': { to: STAFF, id: 'evening' },
  'GET /v1/timeslots/{id}/conference': { to: STAFF, id: 'slot' },
  'DELETE /v1/timeslots/{id}/conference': { to: STAFF, id: 'slot', reached: OF_SLOT },
  'POST /v1/timeslots/{id}/conference/retry': { to: STAFF, id: 'slot', reached: OF_SLOT },
  'POST /v1/timeslots/{id}/conference/take-over': { to: ['teacher'], id: 'slot', body: TAKE_OVER },
  'POST /v1/evenings/{id}/take-over': { to: ['teacher'], id: 'evening', body: TAKE_OVER },
  'GET /v1/evenings/{id}/progress': { to: STAFF, id: 'evening' },
  'GET /v1/evenings/{id}/readiness': { to: STAFF, id: 'evening' },
  'GET /v1/evenings/{id}/progress/stream': { to: STAFF, id: 'evening' },
  'GET /enter': PAGE,
  'POST /enter': PAGE,
  'POST /leave': PAGE,
  'GET /login/{login}': { to: ['teacher'] },
  'DELETE /login/{login}': { to: ['teacher'] },
  'GET /login/{login}/callback': { to: ['teacher'] },
  'POST /login/{login}/forget': { to: ['teacher'] },
  'GET /v1/me': { to: 'anyone' },
  'POST /v1/visits': { to: 'anyone' },
  'GET /j/{token}': { to: 'public', id: 'join token' },
  'POST /j/{token}': { to: 'public', id: 'join token' },
  'GET /j/{token}/calendar.ics': { to: 'public', id: 'join token' },
  'GET /v1/me/conferences': { to: ['parent'] },
  'GET /livez': PAGE,
  'GET /readyz': PAGE,
  'GET /ops': { to: ['ops'] },
  'GET /.well-known/security.txt': PAGE,
  'GET /docs': PAGE,
  'GET /v1/openapi.json': PAGE,
  'GET /v1/asyncapi.json': PAGE,
  'GET /': PAGE,
  'GET /evenings/{id}': { to: STAFF, id: 'evening' },
  'POST /evenings/{id}/conferences': { to: ['teacher'], id: 'evening', body: () => ({ provider: 'google-meet' }) },
  'POST /evenings/{id}/take-over': { to: ['teacher'], id: 'evening', body: TAKE_OVER },
  'POST /evenings/{id}/timeslots/{slot}/take-over': { to: ['teacher'], id: 'slot of the evening', body: TAKE_OVER },
  'POST /evenings/{id}/timeslots/{slot}/retry': { to: STAFF, id: 'slot of the evening', reached: OF_SLOT },
  'POST /evenings/{id}/timeslots/{slot}/remove': { to: STAFF, id: 'slot of the evening', reached: OF_SLOT },
  'GET /v1/people/{id}/data': { to: 'anyone', id: 'person', reached: SELF_OR_STAFF },
  'GET /v1/people/{id}/export': { to: 'anyone', id: 'person', reached: SELF_OR_STAFF },
  'PATCH /v1/people/{id}': {
    to: 'anyone',
    id: 'person',
    reached: ["the slot's parent", 'a privacy officer'],
    body: () => ({ locale: 'nl' }),
  },
  'POST /v1/people/{id}/erasure': {
    to: 'anyone',
    id: 'person to forget',
    reached: ['a privacy officer'],
    body: () => ({}),
  },
  'GET /v1/erasures': { to: ['privacy'] },
  'GET /v1/erasures/{id}': { to: 'anyone', id: 'erasure', reached: ['a privacy officer'] },
  'GET /v1/audit': { to: ['privacy'] },
  'GET /v1/audit/verify': { to: ['privacy'] },
  'GET /me/data': { to: 'anyone' },
  'POST /me/data': { to: 'anyone', body: () => ({}) },
  'POST /me/data/erasure': { to: 'anyone', body: () => ({}) },
  'DELETE /v1/people/{id}/sessions': {
    to: 'anyone',
    id: 'person',
    reached: ["the slot's parent", 'a privacy officer'],
  },
  'POST /me/sessions/end': { to: 'anyone' },
  'POST /people/{id}/sessions/end': { to: ['privacy'], id: 'person', reached: ['a privacy officer'] },
  'GET /me/erasures/{id}': { to: 'anyone', id: 'erasure', reached: ['a privacy officer'] },
  'GET /what-we-store': PAGE,
  'GET /.well-known/jwks.json': PAGE,
  'GET /privacy': PAGE,
  'GET /assets/{name}': PAGE,
  'GET /favicon.ico': PAGE,
};

const here = new ASchool();
const elsewhere = new ASchool();
const slotIdOf = (target: Target) => (target === 'unknown' ? 't-none' : (target === 'own' ? here : elsewhere).slotId());

const routes = Object.entries(openApi('https://conferences.example').paths).flatMap(([path, methods]) =>
  METHODS.flatMap((method) => (methods[method] ? [`${method.toUpperCase()} ${path}`] : [])),
);
const known = Object.entries(ROWS).filter(([route]) => routes.includes(route));

// The OpenAPI document has exactly the routes that Nest serves, with the roles of the guard: docs.spec.ts proves it.
describe('R12 R6 who may use what', () => {
  let product: Product;
  const bearers = new Map<CallerName, string>();
  const tokens = { own: '', foreign: '', unknown: 'A'.repeat(43) };
  let meetingUrl = '';
  let account = '';
  const events = { own: '', foreign: '', unknown: 'none' };
  const erasures = { own: '', foreign: '', unknown: randomUUID() };

  beforeAll(async () => {
    product = await Product.start();
    for (const [school, target] of [
      [here, 'own'],
      [elsewhere, 'foreign'],
    ] as const) {
      // The two have different names, so that what is told of the one can be told apart.
      const parent = target === 'own' ? here.parent() : { ...elsewhere.parent(), name: 'Ouder Elders' };
      const event = school.slot(1, { wanting: 'google-meet', parents: [parent] });
      events[target] = event.id;
      await product.emit(event, school.slot(2, { teacher: school.teacher(2) }), school.slot(3), school.slot(4));
      const browser = await product.teacher(school);
      await product.untilReady(school);
      tokens[target] = joinLinkOf(await product.mailTo(school.parent())).split('/j/')[1]!;
      const officer = await product.bearer('privacy', school);
      const asked = await product.call(officer, 'POST', `/v1/people/${school.parent(4).id}/erasure`, {});
      erasures[target] = ((await asked.json()) as { id: string }).id;
      if (target === 'own') {
        const row = await product.row(school);
        meetingUrl = row.meetingUrl!;
        account = row.owner!.account!;
      }
      await product.send(browser, 'DELETE', '/login/google');
    }
    for (const name of NAMES) {
      const token = await bearerOf(name);
      if (token !== null) bearers.set(name, token);
    }
  });
  afterAll(() => product?.close());

  async function bearerOf(name: CallerName): Promise<string | null> {
    const school = isElsewhere(name) ? elsewhere : here;
    switch (name) {
      case 'nobody':
        return null;
      case 'a bearer that is over':
      case 'a ticket for a bearer': {
        const seconds = Math.floor(Date.now() / 1000);
        const isOver = name === 'a bearer that is over';
        return product.sandbox.module['key'].sign({
          iss: product.sandbox.module.issuer,
          aud: isOver ? 'video-conferences' : 'video-conferences/enter',
          sub: here.teacher().id,
          school: here.id,
          roles: ['teacher', 'admin', 'privacy', 'parent'],
          name: 'Somebody',
          email: 'somebody@school.example',
          locale: 'nl',
          iat: seconds - (isOver ? 900 : 0),
          exp: seconds + (isOver ? -400 : 50),
          jti: randomUUID(),
        });
      }
      case 'ops':
        return product.bearer('ops', null);
      case "the slot's teacher":
      case 'a teacher elsewhere':
        return product.bearer('teacher', school, school.teacher());
      case 'a colleague':
        return product.bearer('teacher', here, here.teacher(2));
      case "the slot's parent":
        return product.bearer('parent', here, here.parent());
      case 'a parent elsewhere':
        return product.bearer('parent', elsewhere, { ...elsewhere.parent(), name: 'Ouder Elders' });
      case 'another parent':
        return product.bearer('parent', here, here.parent(2));
      default:
        return product.bearer(CALLERS[name] as Role, school);
    }
  }

  function pathOf(route: string, row: Row, target: Target): string {
    const path = route.split(' ')[1]!;
    const evening = target === 'unknown' ? 'e-none' : (target === 'own' ? here : elsewhere).evening.id;
    switch (row.id) {
      case 'slot':
        return path.replace('{id}', slotIdOf(target));
      case 'evening':
        return path.replace('{id}', evening);
      case 'slot of the evening':
        return path.replace('{id}', evening).replace('{slot}', slotIdOf(target));
      case 'event':
        return path.replace('{source}', encodeURIComponent('urn:e2e')).replace('{id}', events[target]);
      case 'person':
      case 'person to forget': {
        const who = row.id === 'person' ? 1 : 3;
        return path.replace(
          '{id}',
          target === 'unknown' ? 'p-none' : (target === 'own' ? here : elsewhere).parent(who).id,
        );
      }
      case 'erasure':
        return path.replace('{id}', erasures[target]);
      case 'join token':
        return path.replace('{token}', tokens[target]);
      default:
        return path.replace('{login}', 'google').replace('{name}', 'site.css');
    }
  }

  async function ask(route: string, row: Row, name: CallerName, target: Target) {
    const ending = new AbortController();
    const body = row.body?.(target);
    const bearer = bearers.get(name);
    const response = await bare(`${product.appUrl}${pathOf(route, row, target)}`, {
      method: route.split(' ')[0]!,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: ending.signal,
    });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    const text = isStream ? '' : await response.text();
    ending.abort();
    const headers = [...response.headers].filter(([header]) => !['date', 'x-request-id'].includes(header));
    // But for the date and the request id, all of an answer.
    return {
      status: response.status,
      headers,
      text: text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, ''),
    };
  }

  const mayUse = ({ to }: Row, name: CallerName) =>
    to === 'public' || (CALLERS[name] !== null && (to === 'anyone' || to.includes(CALLERS[name])));
  const mayReach = (row: Row, name: CallerName) => (row.reached ? row.reached.includes(name) : !isElsewhere(name));

  /** What the row says that this caller gets. `through`: neither 401, 403, 404 nor a fault of ours. */
  function expected(row: Row, name: CallerName, target: Target): number | 'through' {
    // A wrong bearer is refused even where none is asked for, but on the signed intake, which knows no caller.
    if (!mayUse(row, name)) return CALLERS[name] === null ? 401 : 403;
    if (row.to === 'public' && CALLERS[name] === null && name !== 'nobody') return 401;
    if (row.id === undefined) return 'through';
    if (row.to === 'public') return target === 'unknown' ? 404 : 'through';
    if (row.id === 'event' && name === 'ops') return target === 'unknown' ? 404 : 'through';
    return target === 'own' && mayReach(row, name) ? 'through' : 404;
  }

  it('has a row for each route that is served, and none for others', () => {
    expect(Object.keys(ROWS).sort()).toEqual([...routes].sort());
  });

  /**
   * What stands in the first school's rows, and who may read it somewhere. A parent never sees whose account it is, other
   * parents or other URLs; the meeting URL is for the slot's teacher and the meeting's owner, who are one here.
   */
  const FIELDS: readonly {
    readonly what: string;
    readonly value: () => string;
    readonly seenBy: readonly CallerName[];
  }[] = [
    { what: 'the meeting URL', value: () => meetingUrl, seenBy: ["the slot's teacher"] },
    { what: "the owner's account", value: () => account, seenBy: ["the slot's teacher", 'a colleague', 'an admin'] },
    { what: "the parent's join token", value: () => tokens.own, seenBy: ["the slot's parent"] },
    {
      what: "the parent's address",
      value: () => here.parent().email,
      seenBy: ["the slot's parent", 'a privacy officer'],
    },
    { what: "the parent's name", value: () => here.parent().name, seenBy: ["the slot's parent", 'a privacy officer'] },
    { what: "another parent's address", value: () => here.parent(2).email, seenBy: ['another parent'] },
    { what: "another parent's name", value: () => here.parent(2).name, seenBy: ['another parent'] },
  ];
  const seenSomewhere = new Set<string>();

  let cells = 0;
  let fields = 0;
  it.each(known)('%s', async (route, row) => {
    const wrong: string[] = [];
    for (const name of NAMES) {
      // What is foreign to the first school is their own.
      const targets =
        row.id === undefined ? (['own'] as const) : isElsewhere(name) ? (['own', 'unknown'] as const) : TARGETS;
      const seen = new Map<Target, Awaited<ReturnType<typeof ask>>>();
      for (const target of targets) {
        const answer = await ask(route, row, name, target);
        seen.set(target, answer);
        const wanted = route === 'POST /v1/events' ? 'through' : expected(row, name, target);
        // Signed intake answers 401 to what is not signed, whoever sends it; a callback without its cookie is refused.
        for (const header of ['content-security-policy', 'referrer-policy', 'x-content-type-options', 'cache-control'])
          if (!answer.headers.some(([given]) => given === header)) wrong.push(`${name}, ${target}: no ${header}`);
        // The page behind a join link is its bearer's, whoever that is.
        if (row.id !== 'join token')
          for (const { what, value, seenBy } of FIELDS) {
            fields += 1;
            if (!answer.text.includes(value()) && !JSON.stringify(answer.headers).includes(value())) continue;
            seenSomewhere.add(`${what}: ${name}`);
            if (!seenBy.includes(name)) wrong.push(`${name}, ${target}: is told ${what}`);
          }
        const isThrough =
          route === 'POST /v1/events' || route.endsWith('enter')
            ? answer.status < 500
            : ![401, 403, 404].includes(answer.status) && answer.status < 500;
        cells += 1;
        if (wanted === 'through' ? !isThrough : answer.status !== wanted)
          wrong.push(`${name}, ${target}: ${answer.status} instead of ${wanted}`);
      }
      const foreign = seen.get('foreign');
      if (
        foreign &&
        mayUse(row, name) &&
        expected(row, name, 'foreign') === 404 &&
        JSON.stringify(foreign) !== JSON.stringify(seen.get('unknown'))
      )
        wrong.push(`${name}: what is foreign differs from what is unknown`);
    }
    expect(wrong).toEqual([]);
  });

  it('lets those see a field who may', () => {
    const may = FIELDS.flatMap(({ what, seenBy }) => seenBy.map((name) => `${what}: ${name}`));
    expect([...seenSomewhere].sort()).toEqual(may.sort());
  });

  afterAll(() => void process.stdout.write(`role matrix: ${known.length} routes, ${cells} cells, ${fields} fields\n`));
});

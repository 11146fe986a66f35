import { Webhook } from 'standardwebhooks';
import { METHODS } from '../../apps/api/src/docs/openapi-types.js';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import type { Sandbox } from '../../apps/sandbox/src/index.js';
import { Dice } from '../faults/real/dice.js';

export interface FuzzRun {
  readonly seed: number;
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers with 5xx, refusals that are no problem+json where one is due, answers that tell of our insides. */
  readonly faults: readonly string[];
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What nobody who means well would send. */
const HOSTILE: readonly Json[] = [
  null,
  true,
  -1,
  0.1,
  1e308,
  2 ** 53 + 2,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\r\nBcc: everybody@evil.example',
  '=cmd|/c calc!A0',
  "'; drop table meetings; --",
  '<script>alert(1)</script>',
  '../../../etc/passwd',
  '//evil.example',
  'javascript:alert(1)',
  '{{7*7}}${7*7}',
  '\u202e\u0000\uffff',
  'x'.repeat(300),
  'ß'.repeat(70_000),
  '9999-99-99T99:99:99Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30T00:00:00+01:00',
  'Europe/Nowhere',
  [],
  [null],
  {},
  { toString: null },
  { constructor: { prototype: { isAdmin: true } } },
  { $ne: null },
];
const IDS = [
  'none',
  '%00',
  '%ff',
  '..%2f..',
  '%F0%9F%92%A9',
  'a'.repeat(400),
  '%22%27%3B--',
  '{}',
  '%7Bid%7D',
  '0',
  '-1',
];
const TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/cloudevents+json',
  '',
];
const RAW = ['{', '[', '"', '{"a":', '\u0000', '[[[[', 'a=1&a=2&b[c]=3', '%', 'null', '\ufeff{}', '1e999'];

/**
 * Sends requests that are wrong in every way that the dice know: half of them signed events, the others to each route that
 * the OpenAPI document has, by callers of every kind. The same seed sends the same.
 */
export async function fuzzRequests(
  appUrl: string,
  sandbox: Sandbox,
  options: { readonly requests: number; readonly seed: number; readonly atOnce?: number },
): Promise<FuzzRun> {
  const dice = new Dice(options.seed);
  const webhook = new Webhook(sandbox.module.eventSecret);
  const bearers = await manyBearers(sandbox);
  const admitted = await sandbox.module.token({
    sub: 'p-fuzz',
    school: 's-fuzz-1',
    roles: ['teacher', 'parent', 'admin', 'privacy', 'support'],
    name: 'Fuzz',
    email: 'fuzz@school.example',
    locale: 'nl',
  });
  const examples = Object.entries(openApi(appUrl).paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      if (!operation) return [];
      const content = operation.requestBody ? Object.values(operation.requestBody.content)[0] : undefined;
      const example = content?.example ?? Object.values(content?.examples ?? {})[0]?.value ?? {};
      return [{ path, method: method.toUpperCase(), example: example as Json }];
    }),
  );
  const event = examples.find(({ path }) => path === '/v1/events')!.example;
  const statuses: Record<string, number> = {};
  const faults: string[] = [];

  const make = (n: number) => {
    if (dice.chance(0.5)) {
      const body = bodyOf(dice, dice.chance(0.3) ? [event, event] : event);
      const id = `fuzz-${options.seed}-${n}`;
      const now = new Date();
      return {
        url: '/v1/events',
        method: 'POST',
        headers: {
          'content-type': `application/cloudevents${body.startsWith('[') ? '-batch' : ''}+json`,
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': webhook.sign(id, now, body),
        } as Record<string, string>,
        body,
      };
    }
    const { path, method, example } = dice.pick(examples);
    const query = dice.chance(0.3)
      ? `?${dice.pick(['limit', 'after', 'to', 'ticket', 'person', 'from', 'code', 'state'])}${dice.pick(['', '=', '[]=1', '=%00', '=-1', '=1e9', `=${encodeURIComponent("' or 1=1")}`, '=//evil.example'])}`
      : '';
    // Half of them get as far as they can: the right type, by somebody who may use every route of the school.
    const isAdmitted = dice.chance(0.5);
    const bearer = isAdmitted ? admitted : dice.chance(0.85) ? dice.pick(bearers) : null;
    return {
      url: path.replaceAll(/\{\w+\}/g, () => dice.pick(IDS)) + query,
      method,
      headers: {
        'content-type': isAdmitted ? 'application/json' : dice.pick(TYPES),
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(dice.chance(0.1) && {
          cookie: `session=${dice.pick(['a.b.c.d.e', '%', 'x'.repeat(5_000)])}; login-google=1.x`,
        }),
        ...(dice.chance(0.1) && { 'idempotency-key': dice.pick(['k', '\t', 'x'.repeat(2_000)]) }),
        ...(dice.chance(0.1) && { accept: dice.pick(['text/html', '*/*;q=x', '']) }),
        ...(dice.chance(0.1) && { origin: dice.pick(['null', 'https://evil.example', '']) }),
      } as Record<string, string>,
      body: method === 'GET' ? null : bodyOf(dice, example),
    };
  };

  const send = async (n: number) => {
    const { url, method, headers, body } = make(n);
    const ending = AbortSignal.timeout(30_000);
    try {
      // Bytes, and lone surrogates with them, as they are: what fetch would mend is part of the attack.
      const bytes = body === null ? null : Buffer.from(body, 'utf8');
      const response = await fetch(appUrl + url, {
        method,
        headers,
        redirect: 'manual',
        signal: ending,
        ...(bytes && { body: bytes }),
      });
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      const type = response.headers.get('content-type') ?? '';
      const isStream = type.startsWith('text/event-stream');
      const text = isStream ? '' : await response.text();
      if (isStream) await response.body?.cancel();
      const what = `${method} ${url.slice(0, 120)} ${JSON.stringify(body?.slice(0, 200) ?? null)}`;
      if (response.status >= 500) faults.push(`${response.status}: ${what}`);
      if (response.status >= 400 && url.startsWith('/v1/') && !type.startsWith('application/problem+json'))
        faults.push(`${response.status} as ${type}: ${what}`);
      if (/node_modules|\.[jt]s:\d+|at \w+ \(|select .* from |PostgreSQL/.test(text) && response.status >= 400)
        faults.push(`tells of our insides: ${what}`);
    } catch (error) {
      // undici refuses to send some header values; that is no answer of ours.
      if (!(error instanceof TypeError)) throw error;
      statuses['not sent'] = (statuses['not sent'] ?? 0) + 1;
    }
  };

  let next = 0;
  await Promise.all(
    Array.from({ length: options.atOnce ?? 16 }, async () => {
      while (next < options.requests) await send(next++);
    }),
  );
  return { seed: options.seed, requests: options.requests, statuses, faults };
}

/** So many people that the limits of one are met by few. */
function manyBearers(sandbox: Sandbox): Promise<string[]> {
  const roles = ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops'] as const;
  return Promise.all(
    Array.from({ length: 120 }, (_, n) => {
      const role = roles[n % roles.length]!;
      return sandbox.module.token({
        sub: `p-fuzz-${n}`,
        ...(role !== 'ops' && { school: `s-fuzz-${n % 7}` }),
        roles: [role],
        name: 'Fuzz',
        email: 'fuzz@school.example',
        locale: 'nl',
      });
    }),
  );
}

function bodyOf(dice: Dice, example: Json): string {
  if (dice.chance(0.08)) return dice.pick(RAW);
  if (dice.chance(0.02)) return '['.repeat(20_000);
  let value = example;
  for (let times = dice.between(1, 3); times > 0; times -= 1) value = mutated(dice, value);
  const text = JSON.stringify(value);
  if (dice.chance(0.02)) return text.replace(/:"[^"]*"/, () => `:${'['.repeat(30_000)}${']'.repeat(30_000)}`);
  if (dice.chance(0.05)) return text.slice(0, dice.number(text.length));
  if (dice.chance(0.05)) return text.replace('{', '{"__proto__":{"isAdmin":true},');
  return text;
}

/** One value somewhere in it is another, is gone, or stands there twice. */
function mutated(dice: Dice, value: Json): Json {
  if (value === null || typeof value !== 'object' || dice.chance(0.15)) return dice.pick(HOSTILE);
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.2)) return [...value, dice.pick(HOSTILE)];
    const at = dice.between(0, value.length - 1);
    return value.map((item, place) => (place === at ? mutated(dice, item) : item));
  }
  const names = Object.keys(value);
  if (names.length === 0 || dice.chance(0.1))
    return { ...value, [String(dice.pick(['id', 'type', '__proto__', '']))]: dice.pick(HOSTILE) };
  const name = dice.pick(names);
  if (dice.chance(0.15)) return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
  return { ...value, [name]: mutated(dice, value[name]!) };
}

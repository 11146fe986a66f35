import canonicalize from 'canonicalize';
import type { BlindIndex } from '#libs/encryption';
import type { IncomingEvent } from '#libs/conferences';
import { Problem, type Fault } from '../http/problem.js';
import { Checker, isObject, nanosecondsOf, parseInstant, type JsonObject } from './checker.js';
import { isKnownType, readChange } from './read-change.js';

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';
export const MOST_EVENTS = 500;
const AHEAD_MS = 5 * 60_000;

/**
 * Reads a verified body as CloudEvents 1.0, structured or batch. What is malformed (400) is told before what cannot be
 * (422); pointers of a batch start with the event's place.
 * @throws Problem 400, 413 (more than 500 events), 422
 */
export function readEvents(body: Buffer, isBatch: boolean, deps: { index: BlindIndex; now: Date }): IncomingEvent[] {
  const parsed = parse(body);
  if (isBatch && !Array.isArray(parsed))
    throw new Problem(400, `A body of ${BATCH} must be a JSON list.`, [
      { pointer: '', detail: 'must be a list of events' },
    ]);
  if (!isBatch && !isObject(parsed))
    throw new Problem(400, `A body of ${STRUCTURED} must be one JSON object.`, [
      { pointer: '', detail: 'must be an object' },
    ]);
  const list = (isBatch ? parsed : [parsed]) as unknown[];
  if (list.length > MOST_EVENTS) throw tooMany(list.length);
  const roots = list.map((_, place) => (isBatch ? `/${place}` : ''));
  const malformed = list.flatMap((event, place) => envelopeFaults(event, roots[place]!));
  if (malformed.length > 0)
    throw new Problem(400, 'The CloudEvents envelope is malformed. Nothing was taken in.', malformed);
  const impossible: Fault[] = [];
  const events = list.map((value, place) => {
    const { event, faults } = readOne(value as JsonObject, roots[place]!, deps);
    impossible.push(...faults);
    return event;
  });
  if (impossible.length > 0)
    throw new Problem(422, 'The events hold data that cannot be. Nothing was taken in.', impossible);
  return events as IncomingEvent[];
}

const tooMany = (count: number) =>
  new Problem(413, `At most ${MOST_EVENTS} events go into one batch; this one has ${count}. Send it in parts.`);

/** @throws Problem 413; what cannot be read as a list is judged later, after the signature */
export function refuseTooMany(body: Buffer): void {
  let parsed: unknown;
  try {
    parsed = parse(body);
  } catch {
    return;
  }
  if (Array.isArray(parsed) && parsed.length > MOST_EVENTS) throw tooMany(parsed.length);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Problem(400, 'The body is not JSON in UTF-8.', [{ pointer: '', detail: 'must be JSON' }]);
  }
}

/** What CloudEvents itself asks for. */
function envelopeFaults(value: unknown, root: string): Fault[] {
  if (!isObject(value)) return [{ pointer: root, detail: 'must be an object' }];
  const faults: Fault[] = [];
  for (const name of ['id', 'source', 'type', 'time'] as const) {
    const given = value[name];
    if (typeof given !== 'string' || given === '')
      faults.push({
        pointer: `${root}/${name}`,
        detail: given === undefined ? 'is missing' : 'must be a string that is not empty',
      });
  }
  if (value['specversion'] !== '1.0') faults.push({ pointer: `${root}/specversion`, detail: 'must be "1.0"' });
  if (typeof value['time'] === 'string' && value['time'] !== '' && !parseInstant(value['time']))
    faults.push({ pointer: `${root}/time`, detail: 'must be a date and time with an offset (RFC 3339)' });
  if (value['datacontenttype'] !== undefined && typeof value['datacontenttype'] !== 'string')
    faults.push({ pointer: `${root}/datacontenttype`, detail: 'must be a string' });
  return faults;
}

const isJsonType = (type: string) => /^application\/([\w.+-]+\+)?json\s*(;.*)?$/i.test(type.trim());

function readOne(
  value: JsonObject,
  root: string,
  deps: { index: BlindIndex; now: Date },
): { event: IncomingEvent | null; faults: readonly Fault[] } {
  const envelope = new Checker(root);
  const id = envelope.text(value['id'], '/id', 1, 128);
  const source = envelope.text(value['source'], '/source', 1, 512);
  const type = value['type'] as string;
  const toldAt = parseInstant(value['time'])!;
  if (toldAt.getTime() > deps.now.getTime() + AHEAD_MS)
    envelope.fault('/time', 'lies more than 5 minutes ahead; check the clock of the sender');
  if ('data_base64' in value) envelope.fault('/data_base64', 'is not taken; put the data as JSON into "data"');
  if (typeof value['datacontenttype'] === 'string' && !isJsonType(value['datacontenttype']))
    envelope.fault('/datacontenttype', 'must be application/json, or absent');
  if (!isKnownType(type)) {
    envelope.fault('/type', 'is no type that is known here');
    return { event: null, faults: envelope.faults };
  }
  const check = new Checker(`${root}/data`);
  const change = readChange(type, value['data'], check);
  const faults = [...envelope.faults, ...check.faults];
  if (faults.length > 0) return { event: null, faults };
  const canonical = canonicalOf(value);
  if (canonical === null) return { event: null, faults: [{ pointer: root, detail: NOT_CANONICAL }] };
  return {
    event: {
      source,
      id,
      type,
      toldAt,
      nanoseconds: nanosecondsOf(value['time']),
      bodyHash: deps.index.of('event-body', canonical),
      change,
    },
    faults,
  };
}

const NOT_CANONICAL = 'must be JSON that can be compared (RFC 8785): no lone surrogate, no number beyond a double';

/** The event as canonical JSON, to tell a second one with its id apart; null where members that we ignore allow none. */
function canonicalOf(value: JsonObject): string | null {
  try {
    return canonicalize(value) ?? null;
  } catch {
    return null;
  }
}

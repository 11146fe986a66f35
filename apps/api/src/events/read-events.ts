import { setImmediate } from 'node:timers/promises';
import canonicalize from 'canonicalize';
import type { BlindIndex } from '#libs/encryption';
import type { IncomingEvent } from '#libs/conferences';
import { firstCharacter, parsePart, scanDocument, scanList, type JsonPart } from '../http/json-text.js';
import { Problem, type Fault } from '../http/problem.js';
import { Checker, isObject, nanosecondsOf, parseInstant, type JsonObject } from './checker.js';
import { isKnownType, readChange } from './read-change.js';

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';
export const MOST_EVENTS = 500;
const AHEAD_MS = 5 * 60_000;

/** Bytes that are parsed and checked in one turn of the event loop, but never less than one event. */
const BYTES_PER_TURN = 64 * 1024;
/** So many faults are listed at most. */
const MOST_FAULTS = 100;

/**
 * Reads a verified body as CloudEvents 1.0, structured or batch. What is malformed (400) is reported before invalid data
 * (422); pointers of a batch start with the index of the event. Depth and width are bounded before anything is parsed, and
 * others have their turn between events.
 * @throws Problem 400, 413 (more than 500 events), 422
 */
export async function readEvents(
  body: Buffer,
  isBatch: boolean,
  deps: { index: BlindIndex; now: Date },
): Promise<IncomingEvent[]> {
  const parts = isBatch ? partsOfBatch(body) : [onePart(body)];
  const malformed: Fault[] = [];
  const impossible: Fault[] = [];
  const events: IncomingEvent[] = [];
  let turn = 0;
  for (const [position, part] of parts.entries()) {
    if (malformed.length > MOST_FAULTS) break;
    if ((turn += part.end - part.start) > BYTES_PER_TURN) {
      turn = 0;
      await setImmediate();
    }
    const root = isBatch ? `/${position}` : '';
    if (part.fault) {
      impossible.push({ pointer: root + part.fault.pointer, detail: part.fault.detail });
      continue;
    }
    const value = parse(body, part);
    const faults = envelopeFaults(value, root);
    malformed.push(...faults);
    // What is malformed decides; the rest is then read no further.
    if (malformed.length > 0 || impossible.length > MOST_FAULTS) continue;
    const read = readOne(value as JsonObject, root, deps);
    impossible.push(...read.faults);
    if (read.event) events.push(read.event);
  }
  if (malformed.length > 0)
    throw new Problem(400, 'The CloudEvents envelope is malformed. Nothing was taken in.', listed(malformed));
  if (impossible.length > 0)
    throw new Problem(422, 'The events hold data that cannot be. Nothing was taken in.', listed(impossible));
  return events;
}

const listed = (faults: readonly Fault[]): readonly Fault[] =>
  faults.length <= MOST_FAULTS
    ? faults
    : [
        ...faults.slice(0, MOST_FAULTS),
        { pointer: '', detail: `has more faults; the first ${MOST_FAULTS} are listed` },
      ];

function partsOfBatch(body: Buffer): readonly JsonPart[] {
  const list = firstCharacter(body) === '[' ? scanList(body, MOST_EVENTS) : undefined;
  if (list === undefined)
    throw new Problem(400, `A body of ${BATCH} must be a JSON list.`, [
      { pointer: '', detail: 'must be a list of events' },
    ]);
  if (list === null) throw notJson();
  if (list.count > MOST_EVENTS)
    throw new Problem(
      413,
      `At most ${MOST_EVENTS} events go into one batch; this one has ${list.count}. Send it in parts.`,
    );
  return list.parts;
}

function onePart(body: Buffer): JsonPart {
  if (firstCharacter(body) === '{') return scanDocument(body);
  throw new Problem(400, `A body of ${STRUCTURED} must be one JSON object.`, [
    { pointer: '', detail: 'must be an object' },
  ]);
}

function parse(body: Buffer, part: JsonPart): unknown {
  try {
    return parsePart(body, part);
  } catch {
    throw notJson();
  }
}

const notJson = () => new Problem(400, 'The body is not JSON in UTF-8.', [{ pointer: '', detail: 'must be JSON' }]);

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

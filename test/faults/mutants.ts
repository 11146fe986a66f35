/** One defence taken out of the compiled product. `find` stands exactly once in the file, or the mutant is out of date. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Where the same defence stands twice. */
  readonly also?: { readonly file: string; readonly find: string; readonly replace: string };
  /** A scripted scenario that catches it, where seeds seldom do. */
  readonly scenario?: string;
  /** A seed whose history caught it; looked for from here on first. */
  readonly seed: number;
}

const WORK = 'libs/conferences/src/meeting-work';
const RECONCILE = 'libs/conferences/src/reconcile.js';
const DELIVERY = 'libs/notifications/src/deliveries/delivery-work.js';
const TAKE_IN = 'libs/conferences/src/take-in';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'deterministic id',
    file: `${WORK}/provider-key.js`,
    find: "index.of('provider-key', meetingId)",
    replace: "index.of('provider-key', meetingId, String(Math.random()))",
    seed: 1,
  },
  {
    name: 'epoch',
    file: `${WORK}/meeting-work.js`,
    find: 'meeting.epoch !== work.meeting.epoch',
    replace: 'false',
    seed: 9,
  },
  {
    name: 'intent row',
    file: `${WORK}/meeting-work.js`,
    find: "Object.assign(meeting, { state: 'calling', reason: null, operation });",
    replace: "Object.assign(meeting, { state: 'calling', reason: null });",
    seed: 1,
  },
  {
    name: 'read-back of an unknown outcome',
    file: 'libs/conferences/src/after-failure.js',
    find: 'const operation = unknown || context.wasOpen ? meeting.operation : null;',
    replace: 'const operation = null;',
    seed: 13,
  },
  {
    name: 'verifying read after a claim was taken',
    file: `${WORK}/meeting-work.js`,
    find: 'meeting.verifyAt = new Date(now.getTime() + claimMs);',
    replace: ';',
    scenario: 'cancelled while its worker is frozen',
    seed: 1,
  },
  {
    name: 'verifying read at a visit',
    file: 'libs/conferences/src/owner-is-here.js',
    find: 'await verifyMeetings(em, deps, owner);',
    replace: ';',
    seed: 10,
  },
  {
    name: 'inbox uniqueness',
    file: `${TAKE_IN}/never-seen.js`,
    find: 'const earlier = seen.get(key(event.source, event.id));',
    replace: 'const earlier = undefined;',
    seed: 1,
  },
  {
    name: 'version compare',
    file: `${TAKE_IN}/tell-timeslot.js`,
    find: 'const isStale = known !== undefined && change.timeslot.version <= known.timeslot.version;',
    replace: 'const isStale = false;',
    seed: 6,
  },
  {
    name: 'latest (time, id) of a person',
    file: `${TAKE_IN}/tell-person.js`,
    find: 'if (known && !comesAfter(told, { at: known.toldAt, id: known.toldId }))\n        return false;',
    replace: ';',
    scenario: 'an older word about somebody who left and came back',
    seed: 1,
  },
  {
    name: 'wish acts only where it differs',
    file: `${TAKE_IN}/tell-wish.js`,
    find: 'if (!differs)',
    replace: 'if (false)',
    seed: 30,
  },
  {
    name: 're-dispatch of a lost job',
    file: 'libs/messaging/src/take-due.js',
    find: 'and (busy_until is null or busy_until <= ${now})',
    replace: 'and busy_until is null',
    seed: 3,
  },
  {
    name: 'Retry-After',
    file: 'libs/conferences/src/after-failure.js',
    find: 'pauseLaneUntil: until,',
    replace: 'pauseLaneUntil: null,',
    seed: 10,
  },
  {
    name: 'entitlement at joining',
    file: 'libs/conferences/src/join.js',
    find: '!isEntitled(parent)',
    replace: 'false',
    scenario: 'a former parent tries to join',
    seed: 1,
  },
  {
    name: 'window of the reveal',
    file: 'libs/conferences/src/join.js',
    find: 'if (opens && now < opens)',
    replace: 'if (false)',
    seed: 28,
  },
  {
    name: 'rotation after a reveal',
    file: RECONCILE,
    find: 'meeting.retired = true;',
    replace: ';',
    scenario: 'another family after the URL was seen',
    seed: 1,
  },
  {
    name: 'create before delete',
    file: RECONCILE,
    find: 'if (meeting.id !== conference.publishedId)',
    replace: 'if (true)',
    seed: 4,
  },
  {
    name: 'nothing is made late',
    file: `${WORK}/operation-for.js`,
    find: "    if (isOver(slot.timeslot, now))\n        return null;\n    if (meeting.state === 'settled')",
    replace: "    if (meeting.state === 'settled')",
    seed: 7,
  },
  {
    name: 'a wish that changes during the call',
    file: RECONCILE,
    find: "if (moved && current.state === 'settled') {",
    replace: 'if (false) {',
    scenario: 'a slot moves',
    seed: 1,
  },
  {
    // Each meeting is looked for in its own place, and the account keeps its first: either is enough.
    name: 'the place of a meeting',
    file: `${WORK}/provider-wish.js`,
    find: 'made?.place === undefined ? (place ?? null) : secretOf(made.place)',
    replace: 'place ?? null',
    also: { file: `${WORK}/place.js`, find: 'where calendars.gone`', replace: '`' },
    scenario: 'its worker freezes while it makes the place of an account',
    seed: 1,
  },
  {
    name: 'what is said not to be there is removed as well',
    file: 'libs/conferences/src/after-failure.js',
    find: '(meeting.madeSealed !== null || context.wasOpen) && meeting.wished && error.details.status === 404',
    replace: 'false',
    scenario: 'said by mistake to be deleted by hand',
    seed: 1,
  },
  {
    name: 'account binding',
    file: `${WORK}/meeting-work.js`,
    find: '(meeting.accountIndex && !meeting.accountIndex.equals(accountIndex))',
    replace: 'false',
    seed: 67,
  },
  {
    name: 'entitlement at sending',
    file: DELIVERY,
    find: 'const verdict = !isEntitled(parent)',
    replace: 'const verdict = false',
    seed: 8,
  },
  {
    name: 'attempt committed before sending',
    file: DELIVERY,
    find: 'parent.heard = parent.told = store(says);',
    replace: ';',
    seed: 14,
  },
  {
    name: 'supersede what is unsent',
    file: 'libs/notifications/src/plan/next-notice.js',
    find: 'supersedes: !saysTheSame(told, heard)',
    replace: 'supersedes: false',
    also: {
      file: DELIVERY,
      find: 'planParentNotice(heard, fact) === kind',
      replace: 'true',
    },
    scenario: 'moved, and back before a mail left',
    seed: 1,
  },
  {
    name: 'a rest holds for what is on the queue',
    file: `${WORK}/meeting-work.js`,
    find: 'if (restsUntil) {',
    replace: 'if (false) {',
    seed: 96,
  },
  {
    name: 'the job of an earlier life goes first',
    file: 'apps/worker/src/relay/carry.js',
    find: 'const again = taken.filter((row) => row.again);',
    replace: 'const again = [];',
    scenario: 'a job that fails each of its attempts',
    seed: 1,
  },
];

import fc from 'fast-check';
import { nextNotice, retryOf, type Memory } from './next-notice.js';
import {
  PARENT_NOTICE_KINDS,
  planParentNotice,
  toldAfter,
  type ParentNoticeKind,
  type SlotFact,
  type Told,
} from './plan-parent-notice.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 18, minute));
const fact = (change: Partial<SlotFact> = {}): SlotFact => ({
  published: true,
  cancelled: false,
  unwanted: false,
  start: at(10),
  end: at(20),
  teacherId: 'anne',
  ownerId: 'anne',
  ownerUnnamed: false,
  replacing: false,
  over: false,
  ...change,
});
const after = (heard: Told | null, now: SlotFact): Memory => ({
  heard,
  told: nextNotice({ heard, told: heard }, now)!.told,
});
const ready = toldAfter(null, 'ready', fact());

describe('P8 a storm of changes becomes one message', () => {
  it.each<[string, Memory, SlotFact, { supersedes: boolean; kind: ParentNoticeKind | null } | null]>([
    ['the first message', { heard: null, told: null }, fact(), { supersedes: false, kind: 'ready' }],
    ['nothing new', { heard: ready, told: ready }, fact(), null],
    ['the unsent one says it already', after(null, fact()), fact(), null],
    [
      'ready and cancelled before anything left: nothing at all',
      after(null, fact()),
      fact({ cancelled: true }),
      { supersedes: true, kind: null },
    ],
    [
      'ready and moved: one ready with the new time',
      after(null, fact()),
      fact({ start: at(12) }),
      { supersedes: true, kind: 'ready' },
    ],
    [
      'moved twice',
      after(ready, fact({ start: at(12) })),
      fact({ start: at(14) }),
      { supersedes: true, kind: 'changed' },
    ],
    ['moved and moved back', after(ready, fact({ start: at(12) })), fact(), { supersedes: true, kind: null }],
    [
      'moved and cancelled',
      after(ready, fact({ start: at(12) })),
      fact({ cancelled: true }),
      { supersedes: true, kind: 'cancelled' },
    ],
    [
      'cancelled and planned again, unseen',
      after(ready, fact({ cancelled: true })),
      fact(),
      { supersedes: true, kind: null },
    ],
    [
      'video removed, then cancelled',
      after(ready, fact({ unwanted: true })),
      fact({ cancelled: true }),
      { supersedes: true, kind: 'cancelled' },
    ],
    [
      'moved, and the link is gone for a while',
      after(ready, fact({ start: at(12) })),
      fact({ start: at(12), published: false }),
      { supersedes: true, kind: null },
    ],
    ['it is over before it left', after(null, fact()), fact({ over: true }), { supersedes: true, kind: null }],
    [
      'heard and then cancelled',
      { heard: ready, told: ready },
      fact({ cancelled: true }),
      { supersedes: false, kind: 'cancelled' },
    ],
  ])('%s', (_, memory, now, expected) => {
    const next = nextNotice(memory, now);
    expect(next && { supersedes: next.supersedes, kind: next.kind }).toEqual(expected);
  });

  it.each(PARENT_NOTICE_KINDS)('what is repeated may still be said: %s', (kind) => {
    const says = {
      on: fact(),
      off: fact({ published: false }),
      cancelled: fact({ cancelled: true }),
      unwanted: fact({ unwanted: true }),
    };
    const verdicts = Object.values(says).map((now) => retryOf(kind, toldAfter(null, kind, fact()), now));
    const isOn = kind === 'ready' || kind === 'changed' || kind === 'planned-again';
    if (isOn) expect(verdicts).toEqual(['send', 'wait', 'overtaken', 'overtaken']);
    else if (kind === 'cancelled') expect(verdicts).toEqual(['overtaken', 'overtaken', 'send', 'overtaken']);
    else expect(verdicts).toEqual(['overtaken', 'overtaken', 'overtaken', 'send']);
  });

  it.each([
    ['start', fact({ start: at(2) })],
    ['end', fact({ end: at(22) })],
    ['teacher', fact({ teacherId: 'bo' })],
    ['owner', fact({ ownerId: 'bo' })],
  ])('what would say something else than the first attempt is not repeated: another %s', (_, now) => {
    expect(retryOf('ready', toldAfter(null, 'ready', fact()), now)).toBe('overtaken');
  });
});

describe('P8 any history of facts', () => {
  const anyFact = fc
    .record({
      published: fc.boolean(),
      cancelled: fc.boolean(),
      unwanted: fc.boolean(),
      replacing: fc.boolean(),
      minute: fc.integer({ min: 0, max: 2 }),
      teacherId: fc.constantFrom('anne', 'bo'),
      ownerId: fc.constantFrom('anne', 'bo'),
    })
    .map(({ minute, ...rest }) => fact({ ...rest, start: at(minute), end: at(minute + 10) }));
  const isGone = (now: SlotFact) => now.cancelled || now.unwanted;
  const visible = (now: SlotFact) => (isGone(now) ? 'gone' : `${now.start.getTime()} ${now.teacherId} ${now.ownerId}`);

  it('sends at most one message per visible change, and ends with the truth told', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 30 }), (history) => {
        let state: Told | null = null;
        let lastSeen = 'gone';
        for (const now of history) {
          const kind = planParentNotice(state, now);
          const heldBack = !isGone(now) && now.replacing;
          if (kind !== null) {
            expect(isGone(now) || now.published).toBe(true);
            expect(visible(now)).not.toBe(lastSeen);
            lastSeen = visible(now);
            state = toldAfter(state, kind, now);
          } else if ((isGone(now) || now.published) && !heldBack)
            expect(visible(now) === lastSeen || (isGone(now) && state === null)).toBe(true);
          expect(planParentNotice(state, now)).toBeNull();
        }
        const last = history.at(-1);
        if (last === undefined) return;
        if (isGone(last)) expect(state?.cancelled ?? true).toBe(true);
        else if (last.published) {
          expect(state).toMatchObject({ cancelled: false, start: last.start, end: last.end });
          if (!last.replacing) expect(state).toMatchObject({ teacherId: last.teacherId, ownerId: last.ownerId });
        }
      }),
    );
  });

  /** What may happen to one parent's messages: a change, the sending of what is due, its arrival or not. */
  const anyStep = fc.oneof(
    anyFact.map((now) => ({ now }) as const),
    fc.constant({ send: 'arrives' } as const),
    fc.constant({ send: 'arrives, and nobody knows' } as const),
    fc.constant({ send: 'is lost, and nobody knows' } as const),
  );

  it('whatever is superseded, lost or repeated: once all is quiet, the parent knows what is so', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), anyFact, (history, end) => {
        let memory: Memory = { heard: null, told: null };
        let now = fact({ published: false });
        let knows: Told | null = null;
        let sequence = 0;
        let unsent: { kind: ParentNoticeKind; sequence: number } | null = null;
        let open: { kind: ParentNoticeKind; sequence: number } | null = null;
        let lastArrived = -1;
        const plan = () => {
          const next = nextNotice(memory, now);
          if (!next) return;
          expect(next.supersedes).toBe(unsent !== null);
          memory = { ...memory, told: next.told };
          unsent = next.kind && { kind: next.kind, sequence: sequence++ };
        };
        const arrive = (message: { sequence: number }, says: Told) => {
          // In order: never a message after a later one.
          expect(message.sequence).toBeGreaterThanOrEqual(lastArrived);
          // A repeated message is taken for the first one, and thrown away.
          if (message.sequence > lastArrived) knows = says;
          lastArrived = message.sequence;
        };
        const send = (how: string) => {
          if (open) {
            const verdict = retryOf(open.kind, memory.heard, now);
            if (verdict === 'wait') return;
            if (verdict === 'overtaken') {
              const heard = { ...memory.heard!, unsure: true };
              memory = { heard, told: unsent ? memory.told : heard };
              open = null;
              plan();
              return;
            }
            if (how !== 'is lost, and nobody knows') arrive(open, toldAfter(memory.heard, open.kind, now));
            if (how === 'arrives') open = null;
            return;
          }
          if (!unsent) return;
          expect(planParentNotice(memory.heard, now)).toBe(unsent.kind);
          const says = toldAfter(memory.heard, unsent.kind, now);
          memory = { heard: says, told: says };
          if (how !== 'is lost, and nobody knows') arrive(unsent, says);
          if (how !== 'arrives') open = unsent;
          unsent = null;
        };
        for (const step of history) {
          if ('now' in step) {
            now = step.now;
            plan();
          } else send(step.send);
        }
        now = { ...end, replacing: false, published: true };
        plan();
        for (let tries = 0; tries < 4; tries += 1) send('arrives');
        expect([unsent, open]).toEqual([null, null]);
        const known = knows as Told | null;
        if (isGone(now)) expect(known?.cancelled ?? true).toBe(true);
        else
          expect(known).toMatchObject({
            cancelled: false,
            start: now.start,
            end: now.end,
            teacherId: now.teacherId,
            ownerId: now.ownerId,
          });
      }),
      {
        numRuns: 2000,
        examples: [
          // Found by seed 387958968: the repeat told of a change that was taken back later, and nobody knew.
          [
            [
              { now: fact() },
              { send: 'is lost, and nobody knows' },
              { now: fact({ start: at(12) }) },
              { send: 'arrives' },
            ],
            fact(),
          ],
        ],
      },
    );
  });
});

import fc from 'fast-check';
import { planParentNotice, toldAfter, type SlotFact, type Told } from './plan-parent-notice.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 18, minute));
const fact = (change: Partial<SlotFact> = {}): SlotFact => ({
  published: true,
  cancelled: false,
  unwanted: false,
  start: at(10),
  end: at(20),
  teacherId: 'anne',
  over: false,
  ...change,
});
const told = (change: Partial<Told> = {}): Told => ({
  cancelled: false,
  start: at(10),
  end: at(20),
  teacherId: 'anne',
  sequence: 3,
  ...change,
});

describe('P8 what one parent hears about one slot', () => {
  it.each<[string, Told | null, SlotFact, string | null]>([
    ['first working link', null, fact(), 'ready'],
    ['nothing before the URL is stored and checked', null, fact({ published: false }), null],
    ['never told and cancelled', null, fact({ cancelled: true }), null],
    ['never told and video removed', null, fact({ unwanted: true }), null],
    ['never told and over', null, fact({ over: true }), null],
    ['a new URL behind the same join link', told(), fact(), null],
    ['later start', told(), fact({ start: at(12) }), 'changed'],
    ['later end', told(), fact({ end: at(25) }), 'changed'],
    ['another teacher', told(), fact({ teacherId: 'bo' }), 'changed'],
    ['time and teacher at once', told(), fact({ start: at(40), end: at(50), teacherId: 'bo' }), 'changed'],
    ['moved, but no link works yet', told(), fact({ start: at(12), published: false }), null],
    ['link gone for a while, nothing else', told(), fact({ published: false }), null],
    ['cancelled by the school', told(), fact({ cancelled: true }), 'cancelled'],
    ['cancelled, whatever is published', told(), fact({ cancelled: true, published: false }), 'cancelled'],
    ['cancelled and moved at once', told(), fact({ cancelled: true, start: at(40) }), 'cancelled'],
    ['cancelled and no longer wanted', told(), fact({ cancelled: true, unwanted: true }), 'cancelled'],
    ['video removed while the slot stays', told(), fact({ unwanted: true }), 'video-removed'],
    ['cancelled twice', told({ cancelled: true }), fact({ cancelled: true }), null],
    ['cancelled after the video was removed', told({ cancelled: true }), fact({ cancelled: true }), null],
    ['planned again, no link yet', told({ cancelled: true }), fact({ published: false }), null],
    ['planned again', told({ cancelled: true }), fact(), 'planned-again'],
    ['planned again at another time', told({ cancelled: true }), fact({ start: at(15) }), 'planned-again'],
    ['over and cancelled', told(), fact({ over: true, cancelled: true }), null],
    ['over and moved', told(), fact({ over: true, start: at(15) }), null],
  ])('%s', (_, before, now, expected) => {
    expect(planParentNotice(before, now)).toBe(expected);
  });

  it('agrees with a second, plainer statement of the rules in every combination', () => {
    const booleans = [true, false];
    for (const before of [null, told(), told({ cancelled: true })])
      for (const published of booleans)
        for (const cancelled of booleans)
          for (const unwanted of booleans)
            for (const over of booleans)
              for (const moved of booleans) {
                const now = fact({ published, cancelled, unwanted, over, start: moved ? at(12) : at(10) });
                const kind = planParentNotice(before, now);
                if (over) expect(kind).toBeNull();
                if (before === null && kind !== null) expect(kind).toBe('ready');
                if (kind === 'ready' || kind === 'changed' || kind === 'planned-again')
                  expect([published, cancelled, unwanted]).toEqual([true, false, false]);
                if (kind === 'cancelled') expect([cancelled, before?.cancelled]).toEqual([true, false]);
                if (kind === 'video-removed')
                  expect([unwanted, cancelled, before?.cancelled]).toEqual([true, false, false]);
              }
  });
});

describe('P8 any history of facts', () => {
  const anyFact = fc
    .record({
      published: fc.boolean(),
      cancelled: fc.boolean(),
      unwanted: fc.boolean(),
      minute: fc.integer({ min: 0, max: 2 }),
      teacherId: fc.constantFrom('anne', 'bo'),
    })
    .map(({ minute, ...rest }) => fact({ ...rest, start: at(minute), end: at(minute + 10) }));
  const isGone = (now: SlotFact) => now.cancelled || now.unwanted;
  const visible = (now: SlotFact) => (isGone(now) ? 'gone' : `${now.start.getTime()} ${now.teacherId}`);

  it('sends at most one message per visible change, with rising sequences, and ends with the truth told', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 30 }), (history) => {
        let state: Told | null = null;
        let lastSeen = 'gone';
        for (const now of history) {
          const kind = planParentNotice(state, now);
          if (isGone(now) || now.published) {
            // Never told is as good as gone: the first message is a change from nothing to something.
            if (kind !== null) expect(visible(now)).not.toBe(lastSeen);
            lastSeen = visible(now);
          } else expect(kind).toBeNull();
          if (kind !== null) {
            const next: Told = toldAfter(state, kind, now);
            expect(next.sequence).toBe(state === null ? 0 : state.sequence + 1);
            state = next;
          }
          expect(planParentNotice(state, now)).toBeNull();
        }
        const last = history.at(-1);
        if (last === undefined) return;
        if (isGone(last)) expect(state?.cancelled ?? true).toBe(true);
        else if (last.published)
          expect(state).toMatchObject({
            cancelled: false,
            start: last.start,
            end: last.end,
            teacherId: last.teacherId,
          });
      }),
    );
  });
});

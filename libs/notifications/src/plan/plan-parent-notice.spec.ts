import { planParentNotice, toldAfter, type SlotFact, type Told } from './plan-parent-notice.js';

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
const told = (change: Partial<Told> = {}): Told => ({
  cancelled: false,
  start: at(10),
  end: at(20),
  teacherId: 'anne',
  ownerId: 'anne',
  ...change,
});
const UNNAMED = { ownerId: 'cas', ownerUnnamed: true };
const gone = { published: false, ownerId: null };

describe('P8 what one parent hears about one slot', () => {
  it.each<[string, Told | null, SlotFact, string | null]>([
    ['first working link', null, fact(), 'ready'],
    ['nothing before the URL is stored and checked', null, fact(gone), null],
    ['never told and cancelled', null, fact({ cancelled: true }), null],
    ['never told and video removed', null, fact({ unwanted: true }), null],
    ['never told and over', null, fact({ over: true }), null],
    ['a new URL behind the same join link', told(), fact(), null],
    ['a new URL is being made behind the same join link', told(), fact({ replacing: true }), null],
    ['later start', told(), fact({ start: at(12) }), 'changed'],
    ['later end', told(), fact({ end: at(25) }), 'changed'],
    ['another teacher', told(), fact({ teacherId: 'bo' }), 'changed'],
    ['taken over: somebody else will be there', told(), fact({ ownerId: 'bo' }), 'changed'],
    ['by a colleague whom nobody named', told(), fact({ ownerId: 'bo', ownerUnnamed: true }), 'changed'],
    ['from one unnamed colleague by another', told(UNNAMED), fact({ ownerId: 'bo', ownerUnnamed: true }), null],
    ['from an unnamed colleague by a named one', told(UNNAMED), fact({ ownerId: 'bo' }), 'changed'],
    ['from an unnamed colleague by the teacher', told(UNNAMED), fact(), 'changed'],
    ['an unnamed colleague is named by now', told(UNNAMED), fact({ ownerId: 'cas' }), null],
    ['from a named colleague', told({ ownerId: 'cas' }), fact({ ownerId: 'bo', ownerUnnamed: true }), 'changed'],
    ['unnamed, and moved', told(UNNAMED), fact({ ownerId: 'bo', ownerUnnamed: true, start: at(12) }), 'changed'],
    ['another teacher in the own account', told(), fact({ teacherId: 'bo', ownerId: 'bo' }), 'changed'],
    ['told before owners were', told({ ownerId: undefined }), fact({ ownerId: 'bo' }), null],
    ['told before owners were, another teacher', told({ ownerId: undefined }), fact({ teacherId: 'bo' }), 'changed'],
    ['another teacher, whose meeting is being made', told(), fact({ teacherId: 'bo', replacing: true }), null],
    ['another owner, and the next one is being made', told(), fact({ ownerId: 'bo', replacing: true }), null],
    ['a new time does not wait', told(), fact({ start: at(12), replacing: true }), 'changed'],
    ['nor with another teacher', told(), fact({ start: at(12), teacherId: 'bo', replacing: true }), 'changed'],
    ['time and teacher at once', told(), fact({ start: at(40), end: at(50), teacherId: 'bo' }), 'changed'],
    ['moved, but no link works yet', told(), fact({ ...gone, start: at(12) }), null],
    ['link gone for a while, nothing else', told(), fact(gone), null],
    ['cancelled by the school', told(), fact({ ...gone, cancelled: true }), 'cancelled'],
    ['cancelled, whatever is published', told(), fact({ cancelled: true }), 'cancelled'],
    ['cancelled while a replacement is made', told(), fact({ cancelled: true, replacing: true }), 'cancelled'],
    ['cancelled and moved at once', told(), fact({ cancelled: true, start: at(40) }), 'cancelled'],
    ['cancelled and no longer wanted', told(), fact({ cancelled: true, unwanted: true }), 'cancelled'],
    ['video removed while the slot stays', told(), fact({ unwanted: true }), 'video-removed'],
    ['cancelled twice', told({ cancelled: true }), fact({ cancelled: true }), null],
    ['cancelled after the video was removed', told({ cancelled: true }), fact({ cancelled: true }), null],
    ['planned again, no link yet', told({ cancelled: true }), fact(gone), null],
    ['planned again', told({ cancelled: true }), fact(), 'planned-again'],
    ['planned again at another time', told({ cancelled: true }), fact({ start: at(15) }), 'planned-again'],
    ['over and cancelled', told(), fact({ over: true, cancelled: true }), null],
    ['over and moved', told(), fact({ over: true, start: at(15) }), null],
    ['in doubt, and nothing changed', told({ unsure: true }), fact(), 'changed'],
    ['in doubt, and no link works', told({ unsure: true }), fact(gone), null],
    ['in doubt, and cancelled', told({ unsure: true }), fact({ cancelled: true }), 'cancelled'],
    ['in doubt about a cancellation', told({ cancelled: true, unsure: true }), fact({ cancelled: true }), 'cancelled'],
    [
      'in doubt about it, video removed',
      told({ cancelled: true, unsure: true }),
      fact({ unwanted: true }),
      'video-removed',
    ],
    ['in doubt about it, on again', told({ cancelled: true, unsure: true }), fact(), 'planned-again'],
  ])('%s', (_, before, now, expected) => {
    expect(planParentNotice(before, now)).toBe(expected);
  });

  it('agrees with a second, plainer statement of the rules in every combination', () => {
    const booleans = [true, false];
    const befores = [null, ...booleans.flatMap((cancelled) => booleans.map((unsure) => told({ cancelled, unsure })))];
    for (const before of befores)
      for (const published of booleans)
        for (const cancelled of booleans)
          for (const unwanted of booleans)
            for (const over of booleans)
              for (const moved of booleans)
                for (const teacherId of ['anne', 'bo'])
                  for (const ownerId of ['anne', 'bo'])
                    for (const replacing of booleans) {
                      const start = moved ? at(12) : at(10);
                      const now = fact({ published, cancelled, unwanted, over, start, teacherId, ownerId, replacing });
                      const kind = planParentNotice(before, now);
                      const isOn = published && !cancelled && !unwanted;
                      if (over) expect(kind).toBeNull();
                      if (before === null && kind !== null) expect(kind).toBe('ready');
                      if (kind === 'ready' || kind === 'changed' || kind === 'planned-again') expect(isOn).toBe(true);
                      if (kind === 'cancelled') expect(cancelled && (!before!.cancelled || before!.unsure)).toBe(true);
                      if (kind === 'video-removed') expect(unwanted && !cancelled).toBe(true);
                      // Silence is right only where nothing is to be seen, or what is to be seen comes in a moment.
                      if (kind === null && before?.cancelled === false && isOn && !over) {
                        expect([moved, before.unsure]).toEqual([false, false]);
                        expect(replacing || (teacherId === 'anne' && ownerId === 'anne')).toBe(true);
                      }
                      if (kind !== null) expect(planParentNotice(toldAfter(before, kind, now), now)).toBeNull();
                    }
  });

  it('remembers what the time was before, once', () => {
    const moved = toldAfter(told(), 'changed', fact({ start: at(12) }));
    expect(moved.previousStart).toEqual(at(10));
    expect(toldAfter(moved, 'changed', fact({ start: at(12), ownerId: 'bo' })).previousStart).toBeNull();
    expect(toldAfter(null, 'ready', fact()).previousStart).toBeNull();
  });
});

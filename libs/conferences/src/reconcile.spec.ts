import { describe, expect, it } from '@jest/globals';
import { aMeeting, aSlot } from '../../../test/factories/a-slot.js';
import { instantAt, NOW } from '../../../test/factories/an-event.js';
import type { MeetingState, Slot } from './model.js';
import { reconcile } from './reconcile.js';

const run = (slot: Slot, now = NOW) => {
  let made = 0;
  const due = reconcile(slot, now, () => `new-${++made}`);
  return { due: due.map((meeting) => meeting.id), made };
};
const AFTER = instantAt('20:00');
const states = (slot: Slot) => slot.meetings.map(({ generation, wished, state }) => ({ generation, wished, state }));

describe('P2 meetings follow the wish', () => {
  it('does nothing where nobody ever wanted anything', () => {
    const slot = aSlot().build();
    expect(run(slot)).toEqual({ due: [], made: 0 });
  });

  it('begins the first generation, and only once', () => {
    const slot = aSlot().wanting('microsoft-teams', 'p-8').build();
    expect(run(slot).due).toEqual(['new-1']);
    expect(slot.meetings[0]).toMatchObject({
      generation: 1,
      provider: 'microsoft-teams',
      ownerId: 'p-8',
      state: 'pending',
    });
    expect(run(slot)).toEqual({ due: ['new-1'], made: 0 });
  });

  it('publishes a settled one and leaves it alone', () => {
    const slot = aSlot().wanting().having(aMeeting().settled()).build();
    expect(run(slot)).toEqual({ due: [], made: 0 });
    expect(slot.conference!.publishedId).toBe(slot.meetings[0]!.id);
  });

  it('never publishes what has no checked URL', () => {
    for (const meeting of [
      aMeeting().settled().with({ urlIndex: null, state: 'stuck', settledVersion: 0 }),
      aMeeting().unknown(),
      aMeeting(),
    ]) {
      const slot = aSlot().wanting().having(meeting).build();
      run(slot);
      expect(slot.conference!.publishedId).toBeNull();
    }
  });

  it.each(['pending', 'waiting', 'parked', 'stuck', 'settled'] as const)(
    'takes away what was made when nobody wants it any more (%s)',
    (state) => {
      for (const slot of [
        aSlot().wanting(null).having(aMeeting().settled().with({ state })).publishing().build(),
        aSlot().wanting().cancelled().having(aMeeting().settled().with({ state })).publishing().build(),
      ]) {
        expect(run(slot).due).toEqual([slot.meetings[0]!.id]);
        expect(slot.meetings[0]).toMatchObject({ wished: false, state: 'pending', reason: null, failures: 0 });
        expect(slot.conference!.publishedId).toBeNull();
      }
    },
  );

  it.each(['pending', 'waiting', 'parked', 'stuck'] as const)('forgets at once what was never made (%s)', (state) => {
    const slot = aSlot().wanting(null).having(aMeeting().with({ state })).build();
    expect(run(slot).due).toEqual([]);
    expect(slot.meetings[0]!.state).toBe('gone');
  });

  it('looks after what may have been made', () => {
    const slot = aSlot()
      .wanting(null)
      .having(aMeeting().unknown().with({ state: 'waiting' }))
      .build();
    expect(run(slot).due).toEqual([slot.meetings[0]!.id]);
    expect(slot.meetings[0]).toMatchObject({ state: 'pending', operation: 'create', wished: false });
  });

  it('leaves a call that is under way to its worker', () => {
    const slot = aSlot()
      .wanting(null)
      .having(aMeeting().with({ state: 'calling', operation: 'create' }))
      .build();
    expect(run(slot).due).toEqual([]);
    expect(slot.meetings[0]).toMatchObject({ state: 'calling', wished: false });
  });

  it('keeps a removal due that was started again', () => {
    for (const build of [aSlot().wanting(null), aSlot().wanting().cancelled(), aSlot().wanting()]) {
      const slot = build.having(aMeeting().settled().unwished().with({ state: 'pending' })).build();
      expect(run(slot).due).toContain(slot.meetings[0]!.id);
    }
    const over = aSlot()
      .wanting()
      .having(aMeeting().settled().unwished().with({ state: 'pending' }))
      .build();
    expect(run(over, AFTER).due).toEqual([over.meetings[0]!.id]);
  });

  it('begins anew when it is planned again, or was deleted outside', () => {
    const gone = aMeeting().settled().with({ state: 'gone', madeSealed: null });
    const slot = aSlot().wanting().having(gone).publishing().build();
    expect(run(slot).due).toEqual(['new-1']);
    expect(slot.conference).toMatchObject({ publishedId: null, generations: 2 });
  });
});

describe('P3 a moved slot keeps its URL', () => {
  it('updates the same generation, still published', () => {
    const slot = aSlot().at('19:30', '19:40').wanting().having(aMeeting().settled()).publishing().build();
    expect(run(slot)).toEqual({ due: [slot.meetings[0]!.id], made: 0 });
    expect(slot.meetings[0]).toMatchObject({ state: 'pending', wishVersion: 2, settledVersion: 1 });
    expect(slot.conference!.publishedId).toBe(slot.meetings[0]!.id);
  });

  it('sees a longer slot too', () => {
    const slot = aSlot().at('19:00', '19:20').wanting().having(aMeeting().settled()).publishing().build();
    expect(run(slot).due).toEqual([slot.meetings[0]!.id]);
  });

  it('is not moved by less than a provider keeps: whole seconds', () => {
    const slot = aSlot().wanting().having(aMeeting().settled()).publishing().build();
    slot.timeslot.startAt = new Date(slot.timeslot.startAt.getTime() + 500);
    expect(run(slot).due).toEqual([]);
  });
});

describe('P3 a URL that a former parent knows is replaced', () => {
  const seen = (more: object) =>
    aSlot()
      .wanting()
      .having(aMeeting().with({ id: 'seen' }).settled())
      .publishing()
      .parent('p-1', { revealedId: 'seen', ...more });

  it.each([{ assigned: false }, { present: false }])('makes the new one first (%j)', (more) => {
    const slot = seen(more).build();
    expect(run(slot).due).toEqual(['new-1']);
    expect(slot.meetings[0]).toMatchObject({ retired: true, wished: true, state: 'settled' });
    expect(slot.conference!.publishedId).toBe('seen');
  });

  it('publishes the new one and takes the old one away in the same breath', () => {
    const slot = seen({ assigned: false }).having(aMeeting().generation(2).settled()).build();
    expect(run(slot).due).toEqual(['seen']);
    expect(slot.conference!.publishedId).toBe(slot.meetings[1]!.id);
    expect(states(slot)).toEqual([
      { generation: 1, wished: false, state: 'pending' },
      { generation: 2, wished: true, state: 'settled' },
    ]);
  });

  it('is kept for whoever is still a parent, and where the former one saw nothing', () => {
    for (const slot of [seen({}).build(), seen({ assigned: false, revealedId: null }).build()])
      expect(run(slot)).toEqual({ due: [], made: 0 });
  });
});

describe('P6 take-over: create before delete', () => {
  it('keeps the old one published until the new one is', () => {
    const slot = aSlot().wanting('microsoft-teams', 'p-8').having(aMeeting().settled()).publishing().build();
    expect(run(slot).due).toEqual(['new-1']);
    expect(slot.conference!.publishedId).toBe(slot.meetings[0]!.id);
    expect(slot.meetings[0]!.wished).toBe(true);
    Object.assign(
      slot.meetings[1]!,
      aMeeting().settled().with({ id: 'new-1', generation: 2, provider: 'microsoft-teams', ownerId: 'p-8' }).build(),
    );
    expect(run(slot).due).toEqual([slot.meetings[0]!.id]);
    expect(slot.conference!.publishedId).toBe('new-1');
  });

  it('goes back to the first one when the take-over is taken back', () => {
    const slot = aSlot()
      .wanting()
      .having(aMeeting().settled(), aMeeting().generation(2).ownedBy('p-8'))
      .publishing()
      .build();
    expect(run(slot)).toEqual({ due: [], made: 0 });
    expect(states(slot)[1]).toEqual({ generation: 2, wished: false, state: 'gone' });
  });
});

describe('P2 what is over is never made late', () => {
  it.each(['pending', 'waiting', 'parked', 'stuck'] as const)('ends a %s creation with its slot', (state) => {
    const slot = aSlot().wanting().having(aMeeting().with({ state })).build();
    expect(run(slot, AFTER)).toEqual({ due: [], made: 0 });
    expect(slot.meetings[0]!.state).toBe('over');
  });

  it('begins nothing', () => {
    const slot = aSlot().wanting().build();
    expect(run(slot, AFTER)).toEqual({ due: [], made: 0 });
    expect(slot.meetings).toEqual([]);
  });

  it('ends at the very end, not a moment before', () => {
    const slot = aSlot().wanting().build();
    expect(run(slot, instantAt('19:10')).made).toBe(0);
    expect(run(slot, new Date(instantAt('19:10').getTime() - 1)).made).toBe(1);
  });

  it('still takes away what nobody wants', () => {
    const slot = aSlot().wanting().cancelled().having(aMeeting().settled()).publishing().build();
    expect(run(slot, AFTER).due).toEqual([slot.meetings[0]!.id]);
  });

  it('leaves an unknown outcome to the worker that looks after it', () => {
    const slot = aSlot().wanting().having(aMeeting().unknown()).build();
    run(slot, AFTER);
    expect(slot.meetings[0]!.state).toBe('pending');
  });

  it('makes it after all when the slot is moved ahead again', () => {
    const slot = aSlot()
      .wanting()
      .having(aMeeting().with({ state: 'over' as MeetingState['state'] }))
      .build();
    expect(run(slot).due).toEqual(['new-1']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { FAULT_NAMES, Faults, type FaultRule } from './faults.js';
import { Random } from './random.js';

const request = { provider: 'google', operation: 'events.insert', account: 'anne@x.example' } as const;

describe('Faults', () => {
  it('have one name each, over all providers', () => {
    expect(FAULT_NAMES.filter((name, index) => FAULT_NAMES.indexOf(name) !== index)).toEqual([]);
  });

  it('fit an operation and what is under it, and nothing that only starts alike', () => {
    const met = (match: FaultRule['match']) => {
      const faults = new Faults(new Random(1));
      faults.set({ id: 'x', match, fault: 'reset' });
      return faults.meet(request)?.id;
    };
    expect([met({ operation: 'events' }), met({ operation: 'events.insert' }), met({})]).toEqual(['x', 'x', 'x']);
    expect([met({ operation: 'event' }), met({ operation: 'events.ins' })]).toEqual([undefined, undefined]);
    expect([met({ account: 'ANNE@x.example' }), met({ provider: 'microsoft' })]).toEqual(['x', undefined]);
  });

  it('are tried in order, and give way once they are used up', () => {
    const faults = new Faults(new Random(1));
    faults.replace([
      { id: 'a', fault: 'reset', times: 1 },
      { id: 'b', fault: 'silence' },
    ]);
    expect([faults.meet(request)?.id, faults.meet(request)?.id]).toEqual(['a', 'b']);
    expect(faults.fired()).toEqual({ a: 1, b: 1 });
  });
});

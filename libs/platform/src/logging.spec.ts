import { describe, expect, it } from '@jest/globals';
import { errorPlace } from './logging.js';

describe('R4 what may be said of an unexpected error', () => {
  it('is its kind, its code and a place in our code, never its text', () => {
    class Odd extends Error {
      code = '23505';
    }
    const error = new Odd('planted@mail.example');
    error.stack = `Odd: planted@mail.example\n    at x (/planted/node_modules/pg/x.js:1:1)\n    at y (file:///planted/dist/libs/conferences/src/y.js:2:3)`;
    const said = errorPlace(error);
    expect(said).toEqual({ kind: 'Odd', code: '23505', at: 'libs/conferences/src/y.js:2:3' });
    expect(JSON.stringify(said)).not.toContain('planted');
  });

  it('does not take a line of the message for a place', () => {
    const said = errorPlace(new TypeError('see libs/planted@mail.example\n    at planted (libs/planted.ts:1:1)'));
    expect(JSON.stringify(said)).not.toContain('planted');
  });

  it('says of other things no more than what they are', () => {
    expect(errorPlace('planted')).toEqual({ kind: 'string' });
    expect(errorPlace({ message: 'planted' })).toEqual({ kind: 'object' });
    expect(JSON.stringify(errorPlace(new Error('x', { cause: new Error('planted') })))).not.toContain('planted');
  });
});

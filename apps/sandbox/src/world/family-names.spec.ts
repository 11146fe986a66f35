import { describe, expect, it } from '@jest/globals';
import { FamilyNames } from './family-names.js';

describe('The watch for family names', () => {
  const names = new FamilyNames();
  names.watch(['Elif Yılmaz', 'Yılmaz', 'Noor', 'elif+x@mail.example', 'Jo', 'Bakker-2 (x']);

  it('finds a name as a whole word, the longest first', () => {
    expect(names.firstIn('{"summary":"Elif Yılmaz"}')).toBe('Elif Yılmaz');
    expect(names.firstIn('met Yılmaz, 19:10')).toBe('Yılmaz');
    expect(names.firstIn('met Bakker-2 (x)')).toBe('Bakker-2 (x');
    expect(names.firstIn('"to":"elif+x@mail.example"')).toBe('elif+x@mail.example');
  });

  it('does not find it inside another word, nor names too short to mean anything', () => {
    expect(names.firstIn('Noordzee')).toBeUndefined();
    expect(names.firstIn('Jo')).toBeUndefined();
    expect(new FamilyNames().firstIn('anything')).toBeUndefined();
  });
});

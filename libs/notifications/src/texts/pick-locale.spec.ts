import { pickLocale } from './pick-locale.js';

const catalogues = { nl: 1, en: 1 };

describe('P8 the own language', () => {
  it.each([
    [['nl'], 'nl'],
    [['NL-be'], 'nl'],
    [['tr'], 'en'],
    [['tr', 'nl'], 'nl'],
    [['tr', 'pl'], 'en'],
    [['en', 'nl'], 'en'],
    [[null, undefined, 'nl_NL'], 'nl'],
    [['constructor'], 'en'],
    [[], 'en'],
  ])('%j → %s', (wanted, expected) => {
    expect(pickLocale(catalogues, ...wanted)).toBe(expected);
  });
});

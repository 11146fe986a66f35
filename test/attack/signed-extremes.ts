import { ASchool } from '../support/a-school.js';

const MIB = 1024 * 1024;

/** What somebody with the secret sends: the largest batch that is legal, and what is refused while it is read. */
export const SIGNED: Readonly<
  Record<string, { readonly what: string; readonly times: number; readonly body: () => string }>
> = {
  'legal-batch': { what: 'signed, legal: 500 events, 2 MiB', times: 5, body: legalBatch },
  'signed-nested': {
    what: 'signed, nested: 2 MB [[[…]]] in an event',
    times: 20,
    body: () => `[${withMore(`${'['.repeat(MIB - 2_000)}${']'.repeat(MIB - 2_000)}`)}]`,
  },
  'signed-wide': {
    what: 'signed, wide: 2 MB of members in an event',
    times: 20,
    body: () => `[${withMore(`{${Array.from({ length: 150_000 }, (_, n) => `"k${n}":0`).join()}}`)}]`,
  },
  'signed-text': {
    what: 'signed, one name of 2 MB',
    times: 20,
    body: () => `[${JSON.stringify(new ASchool().slot()).replace('De Regenboog', 'x'.repeat(2_000_000))}]`,
  },
};

const withMore = (more: string) => JSON.stringify(new ASchool().slot()).replace('"data":{', `"data":{"more":${more},`);

/** 500 slots of one evening, each with as many parents as fit. */
function legalBatch(): string {
  const school = new ASchool();
  const room = Math.floor((2 * MIB - 600) / 500);
  const one = (n: number) => {
    const parents = [];
    for (let last = ''; ; parents.push({ ...school.parent(n * 100 + parents.length), household: `h-${n}` })) {
      const text = JSON.stringify(school.slot(n, { parents: [...parents] }));
      if (text.length > room) return last;
      last = text;
    }
  };
  return `[${Array.from({ length: 500 }, (_, n) => one(n + 1)).join()}]`;
}

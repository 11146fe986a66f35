import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = process.cwd();
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git']);

function filesIn(folder: string, wanted: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

const documents = [join(root, 'README.md'), join(root, 'CHANGELOG.md'), ...filesIn(join(root, 'docs'), /\.md$/)].map(
  (path) => ({ name: relative(root, path), path, text: readFileSync(path, 'utf8') }),
);

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-');

describe.each(documents)('$name', ({ path, text }) => {
  it('links to files and headings that are there', () => {
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target!)) continue;
      const [file, anchor] = target!.split('#') as [string, string?];
      const goal = file === '' ? path : resolve(dirname(path), file);
      expect([target, existsSync(goal)]).toEqual([target, true]);
      if (anchor === undefined) continue;
      const anchors = [...readFileSync(goal, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!));
      expect(anchors).toContain(anchor);
    }
  });

  it('names files of ours that are there', () => {
    for (const [, named] of text.matchAll(/`((?:apps|libs|test|deploy|bin)\/[\w./-]+)`/g))
      expect([named, existsSync(join(root, named!))]).toEqual([named, true]);
  });

  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const later = ['faults'];
    for (const [, script] of text.matchAll(/npm run ([\w:]+)/g))
      if (!later.includes(script!)) expect(Object.keys(scripts)).toContain(script);
  });

  it('leaves nothing to do and names no machine', () => {
    expect(text).not.toMatch(/\bTODO\b|\/work\/|\/root\/|\/home\//);
  });
});

describe('docs/promises.md', () => {
  const promises = documents.find(({ name }) => name === join('docs', 'promises.md'))!.text;
  const rules = [...promises.matchAll(/^\| ([RP]\d+) \|/gm)].map((match) => match[1]!);

  it('has a row for every rule', () => {
    const expected = ['R', 'P'].flatMap((letter) => Array.from({ length: 16 }, (_, place) => `${letter}${place + 1}`));
    expect(rules).toEqual(expected);
  });

  it('names tests that are there', () => {
    const suites = ['apps', 'libs', 'test']
      .flatMap((folder) => filesIn(join(root, folder), /(\.spec\.tsx?|-conformance\.ts)$/))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const named = [...promises.matchAll(/`([RP]\d+[ ,][^`]+)`/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(40);
    for (const name of named) expect([name, suites.includes(`('${name}'`)]).toEqual([name, true]);
  });
});

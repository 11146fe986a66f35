import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SESSION_SECONDS } from '#libs/privacy';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import { INCOMING_EVENTS } from '../../apps/api/src/docs/schemas/incoming-events.js';
import { ASVS_LEVELS } from './support/asvs-levels.js';

const read = (path: string) => readFileSync(path, 'utf8');

interface Row {
  readonly number: string;
  readonly words: string;
  readonly verdict: string;
  readonly by: string;
}

const rows = [...read('docs/asvs.md').matchAll(/^\| (V[\d.]+) \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(
  ([, number, words, verdict, by]): Row => ({ number: number!, words: words!, verdict: verdict!, by: by! }),
);
/** Each test that a row names: its file, and a part of its title. */
const testsOf = ({ by }: Row) => [...by.matchAll(/`([^`]+)`: `([^`]+)`/g)].map(([, file, title]) => [file!, title!]);

describe('docs/asvs.md', () => {
  it('has one row for each requirement of level 1 and 2, in order', () => {
    const wanted = Object.entries(ASVS_LEVELS).flatMap(([section, levels]) =>
      levels.flatMap((level, place) => (level <= 2 ? [`${section}.${place + 1}`] : [])),
    );
    expect(rows.map(({ number }) => number)).toEqual(wanted);
  });

  it('gives each a verdict, with its reason, in words of our own', () => {
    for (const row of rows) {
      expect([row.number, row.verdict]).toEqual([row.number, expect.stringMatching(/^(holds|does not apply|open)$/)]);
      expect([row.number, row.words.length > 2, row.by.length > 10]).toEqual([row.number, true, true]);
      expect([row.number, row.words]).not.toEqual([row.number, expect.stringMatching(/^Verify that/)]);
    }
  });

  it('names a test that is there for each that holds, and for every other test that it names', () => {
    for (const row of rows) {
      const tests = testsOf(row);
      if (row.verdict === 'holds') expect([row.number, tests.length > 0]).toEqual([row.number, true]);
      for (const [file, title] of tests) {
        const found = existsSync(file!) && read(file!).includes(title!);
        expect([row.number, file, title, found]).toEqual([row.number, file, title, true]);
      }
    }
  });

  it('counts its verdicts as they are', () => {
    const counted = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
    expect(read('docs/asvs.md')).toContain(
      `${rows.length} requirements: ${counted('holds')} hold, ${counted('does not apply')} do not apply, ` +
        `${counted('open')} are open.`,
    );
  });
});

describe('what the documents say', () => {
  const security = read('docs/security.md');
  const sectionOf = (heading: string) => security.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';

  it('sessions: how long, how many, and what ends them, as the code has it', () => {
    const section = sectionOf('Sessions');
    expect(section).toContain(`${SESSION_SECONDS / 3600} hours`);
    for (const word of ['inactivity', 'any number of sessions', 'parent-meetings module', '`person.left`', 'erasure'])
      expect(section).toContain(word);
  });

  it('combined data: the document of the events says what must agree', () => {
    const said = JSON.stringify([INCOMING_EVENTS['TimeslotChanged'], INCOMING_EVENTS['PersonLeft']]);
    for (const rule of [
      'one that is not above the stored one is stale',
      'with an offset, after the start',
      'A later (time, id) that names the person again undoes it',
    ])
      expect(said).toContain(rule);
  });

  it('logs: what is written, where it goes, and what is left to whoever runs it', () => {
    const section = sectionOf('Logs');
    for (const word of [
      'standard output',
      'JSON lines',
      'privacy/audit.md',
      '`METRICS_PORT`',
      'No other file or service',
    ])
      expect(section).toContain(word);
    for (const status of [401, 403, 413, 422, 429]) expect(section).toContain(String(status));
  });

  it('costs: the routes that cost most are routes that there are', () => {
    const { paths } = openApi('https://conferences.example');
    const named = [...sectionOf('What costs most').matchAll(/`(GET|POST) (\/[^`]+)`/g)];
    expect(named.length).toBeGreaterThan(7);
    for (const [, method, path] of named)
      expect([path, Object.keys(paths[path!] ?? {})]).toEqual([path, expect.arrayContaining([method!.toLowerCase()])]);
  });

  it('limits: how many requests of an address, a person and a school, as the code has it', () => {
    const code = read('apps/api/src/http/rate-limits.ts');
    const limits = [...code.matchAll(/\b(?:address|person|school): (?:\{ points: )?([\d_]+)/g)].map(
      (match) => match[1]!,
    );
    expect(limits).toHaveLength(3);
    for (const limit of limits) expect(sectionOf('Limits of ours')).toContain(limit.replaceAll('_', ','));
  });
});

describe('what runs in production', () => {
  const sources = ['apps/api', 'apps/worker', 'libs'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/\.spec\.tsx?$/.test(file))
      .map((file) => join(folder, file)),
  );
  const filesWith = (pattern: RegExp) => sources.filter((file) => pattern.test(read(file)));

  it('starts no program, runs no text as code, and builds no pattern out of what it is given', () => {
    expect(sources.length).toBeGreaterThan(200);
    // The Postgres of the demo. Production has a server of its own.
    expect(filesWith(/node:child_process/)).toEqual(['libs/database/src/embedded-postgres.ts']);
    expect(filesWith(/\beval\(|new Function\(|node:vm\b|dangerouslySetInnerHTML|innerHTML/)).toEqual([]);
    // Its parts are constants.
    expect(filesWith(/new RegExp\(/)).toEqual(['libs/providers/src/retry-after.ts']);
  });

  it('logs to standard output and to nowhere else', () => {
    expect(filesWith(/\bpino\(/)).toEqual(['libs/platform/src/logging.ts']);
    expect(read('libs/platform/src/logging.ts')).not.toMatch(/destination|transport/);
    expect(filesWith(/pino\.(destination|transport)|\bconsole\./)).toEqual([]);
  });

  it('the image is made for production, without source control, settings or keys', () => {
    expect(read('Dockerfile')).toContain('\nENV NODE_ENV=production\n');
    const ignored = read('.dockerignore').split('\n');
    for (const name of ['.git', '.env', 'key-ring.json']) expect(ignored).toContain(name);
  });
});

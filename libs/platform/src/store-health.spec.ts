import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from './metrics.js';
import { StoreHealth } from './store-health.js';
import { storeFault } from './store-fault.js';

const coded = (code: string, more: object = {}) => Object.assign(new Error('planted'), { code }, more);
const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('P13 why a store does not serve is read from its code', () => {
  it.each([
    ['ENOTFOUND', 'name-not-found'],
    ['ECONNREFUSED', 'refused'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNRESET', 'lost'],
    ['08006', 'lost'],
    ['57P01', 'lost'],
    ['57P03', 'starting'],
    ['25006', 'read-only'],
    ['28P01', 'password'],
    ['28000', 'password'],
    ['3D000', 'no-database'],
    ['42501', 'forbidden'],
    ['53300', 'full'],
    ['53100', 'full'],
    ['55P03', 'busy'],
    ['57014', 'busy'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['CERT_NOT_YET_VALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ])('%s: %s', (code, kind) => expect(storeFault(coded(code))).toEqual({ kind, word: code }));

  it.each([
    ['READONLY You can not write against a read only replica.', 'read-only', 'READONLY'],
    ['MASTERDOWN Link with MASTER is down', 'read-only', 'MASTERDOWN'],
    ['LOADING Redis is loading the dataset in memory', 'starting', 'LOADING'],
    ['NOAUTH Authentication required.', 'password', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair', 'password', 'WRONGPASS'],
    ['NOPERM this user has no permissions', 'forbidden', 'NOPERM'],
    ['OOM command not allowed', 'full', 'OOM'],
    ['MISCONF Redis is configured to save RDB snapshots', 'full', 'MISCONF'],
    ['UNBLOCKED force unblock', 'lost', 'UNBLOCKED'],
    ['CLUSTERDOWN The cluster is down', 'refused', 'CLUSTERDOWN'],
    ['ERR max number of clients reached', 'error-answer', 'ERR'],
  ])('Redis: %s', (message, kind, word) => expect(storeFault(reply(message))).toEqual({ kind, word }));

  it('looks through wrappers, and takes no fault of the data for one of the store', () => {
    expect(storeFault(new Error('x', { cause: coded('ECONNREFUSED') }))).toMatchObject({ word: 'ECONNREFUSED' });
    expect(storeFault(new AggregateError([coded('ENETUNREACH')], 'x'))).toMatchObject({ word: 'ENETUNREACH' });
    for (const code of ['23505', '22P02', '42P01', '42703', 'ENOTDIR']) expect(storeFault(coded(code))).toBeNull();
    expect(storeFault(new Error('READONLY and ECONNREFUSED in a text'))).toBeNull();
  });
});

describe('P13 a store that does not serve is reported once, however often it is asked', () => {
  const opened = () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as never) });
    const metrics = new Metrics();
    return { lines, metrics, health: new StoreHealth('redis', logger, metrics.storeAway) };
  };

  it('writes one line with its first word and since when for thousands of errors, and one when it serves again', async () => {
    const { lines, metrics, health } = opened();
    for (let i = 0; i < 3_000; i += 1) expect(health.failed(`worker ${i % 4}`, reply('READONLY no'))).toBe(true);
    expect(lines).toEqual([
      expect.objectContaining({
        word: 'READONLY',
        user: 'worker 0',
        since: expect.any(String),
        at: expect.stringContaining('libs/platform/src/store-health.spec.ts'),
      }),
    ]);
    expect(health.sentence).toMatch(/^Redis does not serve since .* \(READONLY\): the server is read-only/);
    expect((await metrics.storeAway.get()).values).toEqual([{ labels: { store: 'redis' }, value: 1 }]);
    for (const user of [0, 1, 2]) health.worked(`worker ${user}`);
    expect(health.away?.users).toEqual(['worker 3']);
    health.worked('worker 3');
    expect(health.sentence).toBeNull();
    expect(lines.slice(1)).toEqual([expect.objectContaining({ msg: 'a store serves again' })]);
    expect((await metrics.storeAway.get()).values).toEqual([{ labels: { store: 'redis' }, value: 0 }]);
  });

  it('leaves other errors to whoever caught them, and does not take a queue of callers for a store that is away', () => {
    const { lines, health } = opened();
    expect(health.failed('worker', new TypeError('planted'))).toBe(false);
    expect(health.failed('worker', coded('55P03'))).toBe(true);
    expect([health.away, lines]).toEqual([null, []]);
  });
});

import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#libs/encryption';
import type { MeetingProvider, MeetingWish, ProviderAccess } from '#libs/providers';

/** What goes wrong next, once: at the next write that makes (`create`), or at the next call of any kind. */
export type WorldFault = 'create-answer-lost' | 'limited' | 'down' | 'html' | 'silence';

/** A provider, one account in it, and what only its keeper can see. */
export interface ProviderWorld {
  readonly provider: MeetingProvider;
  /** A token of the account. */
  readonly token: string;
  fault(fault: WorldFault): void;
  /** Forgets faults that did not strike. */
  calm(): void;
  /** How many meetings live in the account. */
  live(): number;
  /** How many requests the provider has had; null where it has none to count. */
  requests(): number | null;
  /** The owner deletes the calendar that meetings go to; absent where there is none. */
  deletePlace?(place: Secret): Promise<void>;
  /** False where a key is free again after its meeting was deleted (Teams: not documented, providers.md §4.1). */
  readonly remembersDeletedKeys: boolean;
  close(): Promise<void>;
}

/** Every adapter runs this, the fake too, or the fake will lie. */
export function providerConformance({
  name,
  makeWorld,
}: {
  name: string;
  makeWorld: () => Promise<ProviderWorld>;
}): void {
  describe(`R1 R2 ${name} keeps the promises of a meeting provider`, () => {
    let world: ProviderWorld;
    let place: Secret | null;
    const access = (token = world.token, signal = new AbortController().signal): ProviderAccess => ({
      accessToken: new Secret(token),
      signal,
    });
    const aWish = (more: Partial<MeetingWish> = {}): MeetingWish => ({
      key: randomUUID().replaceAll('-', ''),
      place,
      id: null,
      start: new Date('2026-11-24T18:10:00Z'),
      end: new Date('2026-11-24T18:20:00Z'),
      timeZone: 'Europe/Amsterdam',
      title: 'Parent meeting',
      ...more,
    });
    const moved = { start: new Date('2026-11-24T19:00:00Z'), end: new Date('2026-11-24T19:10:00Z') };
    const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
      try {
        await call;
      } catch (error) {
        expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain(world.token);
        expect((error as Error).name).toBe('ProviderError');
        expect(error).not.toHaveProperty('cause');
        return error;
      }
      throw new Error('A refusal was expected');
    };

    beforeAll(async () => {
      world = await makeWorld();
      place = await world.provider.openPlace(access(), { title: 'Parent meetings', timeZone: 'Europe/Amsterdam' });
    });
    afterEach(() => world.calm());
    afterAll(() => world.close());

    it('makes a meeting and says its id, URL and times', async () => {
      const [live, requests] = [world.live(), world.requests()];
      const wish = aWish();
      const seen = await world.provider.create(access(), wish);
      expect(seen).toMatchObject({ conference: 'ready', start: wish.start, end: wish.end });
      expect(seen.url?.reveal()).toMatch(/^https?:\/\//u);
      expect(world.live()).toBe(live + 1);
      if (requests !== null) expect(world.requests()).toBe(requests + world.provider.requestsPerCreate);
    });

    it('asked twice with one key, answers with the meeting it made', async () => {
      const wish = aWish();
      const first = await world.provider.create(access(), wish);
      const live = world.live();
      const again = await world.provider.create(access(), wish);
      expect(again.id.reveal()).toBe(first.id.reveal());
      expect(again.url?.reveal()).toBe(first.url?.reveal());
      expect(world.live()).toBe(live);
    });

    it('asked again for other times, brings the one it made to them', async () => {
      const wish = aWish();
      const first = await world.provider.create(access(), wish);
      const again = await world.provider.create(access(), { ...wish, ...moved });
      expect(again).toMatchObject(moved);
      expect(again.url?.reveal()).toBe(first.url?.reveal());
    });

    it('loses an answer, not the meeting: asked by key it makes no second one', async () => {
      const live = world.live();
      const wish = aWish();
      world.fault('create-answer-lost');
      expect(await errorOf(world.provider.create(access(), wish))).toMatchObject({
        word: 'unavailable',
        details: { outcomeUnknown: true },
      });
      world.calm();
      const found = await world.provider.create(access(), wish);
      expect(found.conference).toBe('ready');
      expect(world.live()).toBe(live + 1);
    });

    it('reads one meeting by its id', async () => {
      const wish = aWish();
      const { id, url } = await world.provider.create(access(), wish);
      const seen = await world.provider.read(access(), { ...wish, id });
      expect(seen).toMatchObject({ conference: 'ready', start: wish.start, end: wish.end });
      expect([seen.id.reveal(), seen.url?.reveal()]).toEqual([id.reveal(), url?.reveal()]);
    });

    it('P3 moves a meeting, and its URL stays', async () => {
      const wish = aWish();
      const { id, url } = await world.provider.create(access(), wish);
      const seen = await world.provider.update(access(), { ...wish, id, ...moved });
      expect(seen).toMatchObject(moved);
      expect(seen.url?.reveal()).toBe(url?.reveal());
      expect(await world.provider.read(access(), { ...wish, id })).toMatchObject(moved);
    });

    it('removes a meeting, once and again', async () => {
      const live = world.live();
      const wish = aWish();
      const { id } = await world.provider.create(access(), wish);
      await world.provider.remove(access(), { ...wish, id });
      expect(world.live()).toBe(live);
      await world.provider.remove(access(), { ...wish, id });
      expect(await errorOf(world.provider.read(access(), { ...wish, id }))).toMatchObject({ word: 'not-found' });
      expect(await errorOf(world.provider.update(access(), { ...wish, id }))).toMatchObject({ word: 'not-found' });
    });

    it('removes by key what was made without our knowing', async () => {
      const live = world.live();
      const wish = aWish();
      await world.provider.create(access(), wish);
      await world.provider.remove(access(), wish);
      expect(world.live()).toBe(live);
      await world.provider.remove(access(), aWish());
      expect(world.live()).toBe(live);
    });

    it('a key whose meeting was deleted stays used up, where the provider remembers', async () => {
      const wish = aWish();
      const { id } = await world.provider.create(access(), wish);
      await world.provider.remove(access(), { ...wish, id });
      if (!world.remembersDeletedKeys) return;
      expect(await errorOf(world.provider.create(access(), wish))).toMatchObject({
        word: 'not-found',
        code: 'not-found',
      });
    });

    it('tells a calendar that its owner deleted from a missing meeting', async () => {
      if (!world.deletePlace) return;
      const other = await world.provider.openPlace(access(), { title: 'Another', timeZone: 'Europe/Amsterdam' });
      if (!other) throw new Error('A place was expected');
      await world.deletePlace(other);
      expect(await errorOf(world.provider.create(access(), aWish({ place: other })))).toMatchObject({
        word: 'not-found',
        code: 'place-not-found',
      });
    });

    it('a token that the provider does not take', async () => {
      expect(await errorOf(world.provider.create(access('a-token-of-nobody'), aWish()))).toMatchObject({
        word: 'login-required',
        code: 'token-rejected',
      });
    });

    it('P10 a limit waits until then, and is asked once only', async () => {
      const requests = world.requests();
      world.fault('limited');
      const error = await errorOf(world.provider.create(access(), aWish()));
      expect(error).toMatchObject({ word: 'rate-limited', details: { until: expect.anything() } });
      if (requests !== null) expect(world.requests()).toBe(requests + 1);
    });

    it.each(['down', 'html'] as const)('a provider that is down (%s) is asked once, later again', async (fault) => {
      const wish = aWish();
      const { id } = await world.provider.create(access(), wish);
      const requests = world.requests();
      world.fault(fault);
      expect(await errorOf(world.provider.read(access(), { ...wish, id }))).toMatchObject({ word: 'unavailable' });
      if (requests !== null) expect(world.requests()).toBe(requests + 1);
    });

    it('a call ends when its time is over, its outcome unknown', async () => {
      world.fault('silence');
      const signal = AbortSignal.timeout(60);
      expect(await errorOf(world.provider.create(access(world.token, signal), aWish()))).toMatchObject({
        word: 'unavailable',
        code: 'timeout',
        details: { outcomeUnknown: true },
      });
    });
  });
}

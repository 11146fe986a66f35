import { Redis } from 'ioredis';
import { isOfThisConnection } from '#libs/platform';
import { openWord, signWord } from './signed-word.js';

/** How API and workers reach each other. */
export interface LeaseWireSettings {
  readonly redisUrl: string;
  /** Before every channel name, so that installations can share a Redis. */
  readonly prefix: string;
  /** Shared by API and workers; the first one signs, any verifies, so that they can be changed. 32 bytes each. */
  readonly wireKeys: readonly Uint8Array[];
  /** A connection that says nothing for so long is given up and made anew; 20 s when absent. */
  readonly silentMs?: number;
}

const SILENT_MS = 20_000;

/** workers: who is there. ask: please say so. lent: sealed leases. */
export type WireChannel = 'workers' | 'ask' | 'lent';
type Hear = (channel: WireChannel, word: Record<string, unknown>) => void;

const CHANNELS: readonly WireChannel[] = ['workers', 'ask', 'lent'];

/**
 * Signed words over Redis pub/sub and nothing else: no Redis key is ever written, so nothing is at rest there (R4).
 * Reconnects by itself; while Redis is away, what is said is lost, and `say` answers false.
 */
export class LeaseWire {
  private readonly speaker: Redis;
  private readonly listener: Redis;
  private readonly signingKey: Uint8Array;
  private readonly beat: NodeJS.Timeout;

  constructor(
    private readonly settings: LeaseWireSettings,
    hears: readonly WireChannel[],
    hear: Hear,
    /** Called each time that this side can hear again. */
    onListening: () => void,
  ) {
    const [signingKey] = settings.wireKeys;
    if (!signingKey) throw new Error('Sealed leases need at least one wire key.');
    this.signingKey = signingKey;
    const silentMs = settings.silentMs ?? SILENT_MS;
    // No queueing while offline: a lease that comes late is no use, and a visit must not wait for it.
    const options = {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResubscribe: false,
      enableReadyCheck: false,
      disconnectTimeout: 300,
      socketTimeout: silentMs,
      retryStrategy: (attempts: number) => Math.min(100 * attempts, 1_000),
    };
    this.speaker = new Redis(settings.redisUrl, options);
    this.listener = new Redis(settings.redisUrl, options);
    // Redis being away is expected here, and its errors name its address; readiness is reported elsewhere.
    for (const redis of [this.speaker, this.listener]) redis.on('error', () => {});
    const names = hears.map((channel) => this.nameOf(channel));
    this.listener.on('ready', () => {
      this.listener.subscribe(...names).then(onListening, () => {});
    });
    this.speaker.on('ready', onListening);
    // Who only listens would never notice that nobody speaks any more: an answer that stays away tells.
    this.beat = setInterval(() => {
      this.listener.ping().catch(() => {});
      void this.isStillPrimary();
    }, silentMs / 4).unref();
    this.listener.on('message', (name: string, message: string) => {
      const channel = CHANNELS.find((one) => this.nameOf(one) === name);
      const word = openWord(message, settings.wireKeys);
      if (channel && word) hear(channel, word);
    });
  }

  /**
   * A replica takes PUBLISH, and nobody hears it who went over to the new primary. A write tells them apart; this one writes
   * nothing (XX: only over a key that is there).
   */
  private async isStillPrimary(): Promise<void> {
    try {
      await this.speaker.set(`${this.settings.prefix}:leases:probe`, '1', 'PX', 1, 'XX');
    } catch (error) {
      if (!isOfThisConnection(error)) return;
      for (const redis of [this.speaker, this.listener]) redis.disconnect(true);
    }
  }

  /** True where Redis took it. Never throws. */
  async say(channel: WireChannel, word: Readonly<Record<string, unknown>>): Promise<boolean> {
    try {
      await this.speaker.publish(this.nameOf(channel), signWord(word, this.signingKey));
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    clearInterval(this.beat);
    this.speaker.disconnect();
    this.listener.disconnect();
  }

  private nameOf(channel: WireChannel): string {
    return `${this.settings.prefix}:leases:${channel}`;
  }
}

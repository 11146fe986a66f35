import { setTimeout as pause } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import { Worker, type Job, type WorkerOptions } from 'bullmq';
import type { StoreHealth, Timers } from '#libs/platform';

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 5_000;

/**
 * BullMQ's worker with our own time after which a job of a silent worker goes to another one, and with a growing pause
 * after each error: after an error answer (READONLY, OOM, 25006) BullMQ would ask again at once, and after one of its
 * blocking read ten times a second.
 */
export const timedWorker = ({ jobLockMs }: Timers, store: StoreHealth): Type =>
  class TimedWorker extends Worker {
    private failures = 0;
    private readonly ending = new AbortController();

    constructor(name: string, processor: ConstructorParameters<typeof Worker>[1], options: WorkerOptions) {
      super(name, processor, { lockDuration: jobLockMs, stalledInterval: jobLockMs, ...options });
    }

    protected override async moveToActive(token: string, name?: string): Promise<Job> {
      try {
        const job = await super.moveToActive(token, name);
        this.failures = 0;
        store.worked(userOf(this));
        return job;
      } catch (error) {
        store.failed(userOf(this), error);
        await this.backOff();
        throw error;
      }
    }

    /** Without a time BullMQ pauses after its blocking read failed. */
    override delay(...given: Parameters<Worker['delay']>): Promise<void> {
      return given[0] === undefined ? this.backOff() : super.delay(...given);
    }

    override close(force?: boolean): Promise<void> {
      this.ending.abort();
      return super.close(force);
    }

    private async backOff(): Promise<void> {
      const longest = Math.min(FIRST_BACKOFF_MS * 2 ** this.failures, LONGEST_BACKOFF_MS);
      this.failures += 1;
      const { signal } = this.ending;
      await pause(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  };

/** How a worker of a queue is called among those that use its store. */
export const userOf = ({ name }: Pick<Worker, 'name'>): string => `worker ${name}`;

/** What BullMQ keeps of a job. */
export interface VirtualJob {
  readonly id: string;
  readonly data: { meetingId: string } | { deliveryId: string };
  readonly attempts: number;
  attemptsMade: number;
  stalls: number;
  state: 'waiting' | 'active' | 'failed';
}

/** A queue with BullMQ's promises and no more: an id that is known is not added again, whatever became of it. */
export class VirtualQueue {
  readonly jobs = new Map<string, VirtualJob>();

  addBulk = (jobs: readonly { data: unknown; opts: { jobId: string; attempts: number } }[]): Promise<void> => {
    for (const { data, opts } of jobs) {
      if (this.jobs.has(opts.jobId)) continue;
      this.jobs.set(opts.jobId, {
        id: opts.jobId,
        data: data as VirtualJob['data'],
        attempts: opts.attempts,
        attemptsMade: 0,
        stalls: 0,
        state: 'waiting',
      });
    }
    return Promise.resolve();
  };

  /** An active job is locked: it stays. */
  remove = (id: string): Promise<number> =>
    Promise.resolve(this.jobs.get(id)?.state !== 'active' && this.jobs.delete(id) ? 1 : 0);

  waiting(): VirtualJob[] {
    return [...this.jobs.values()].filter((job) => job.state === 'waiting');
  }

  done(job: VirtualJob): void {
    if (this.jobs.get(job.id) === job) this.jobs.delete(job.id);
  }

  failed(job: VirtualJob): void {
    job.attemptsMade += 1;
    job.state = job.attemptsMade < job.attempts ? 'waiting' : 'failed';
  }

  /** The lock of a silent worker ran out: another gets the job, once. */
  stalled(job: VirtualJob): void {
    if (job.state !== 'active') return;
    job.stalls += 1;
    job.state = job.stalls > 1 ? 'failed' : 'waiting';
  }
}

import type { Job } from 'bullmq';
import { rows, sql } from '#libs/database';
import { QUEUES, type QueueName } from '#libs/messaging';
import { TIMERS } from '#libs/platform';
import type { LoginName } from '#libs/providers';
import { carry } from '../../../apps/worker/src/relay/carry.js';
import type { Fault } from '../plan.js';
import { Task, type Point } from '../task.js';
import type { VirtualJob, VirtualQueue } from '../virtual-queue.js';
import { runningTask, startWorker, type WorkerProcess } from './worker-process.js';
import type { MailServer } from './mail-server.js';
import type { Kit, World } from './world.js';

/** The relay and two worker processes: what takes jobs, is struck, freezes and dies. */
export class Workers {
  private readonly processes: readonly WorkerProcess[];
  private jobsRun = 0;
  /** The points that each job of the steps passed. */
  readonly passed: Point[][] = [];
  /** Faults are over: nothing strikes, and nothing is counted for exhaustive runs. */
  isHealing = false;

  constructor(
    private readonly world: World,
    kit: Kit,
    mailServer: MailServer,
    /** Strikes the n-th job of the steps. */
    private readonly strike: { job: number; fault: Fault } | null,
  ) {
    this.processes = [startWorker(world, kit, mailServer), startWorker(world, kit, mailServer)];
  }

  /** A visit lends the login to every worker, for ten minutes. */
  lend(personId: string, login: LoginName, subject: string): void {
    for (const worker of this.processes)
      worker.leases.set(`${personId} ${login}`, { subject, until: this.world.instant + 600_000 });
  }

  /** The login is withdrawn from every worker. */
  withdraw(personId: string): void {
    for (const worker of this.processes)
      for (const key of worker.leases.keys()) if (key.startsWith(`${personId} `)) worker.leases.delete(key);
    this.world.count('log-out');
  }

  tidy(): Promise<void> {
    return this.processes[0]!.upkeep.tidy();
  }

  /** The history is over: what is frozen never comes back. */
  end(): void {
    for (const task of this.processes.flatMap((worker) => [...worker.tasks])) task.kill();
  }

  /** Whatever is frozen comes back to life, one after the other. */
  async thawAll(): Promise<void> {
    const hasFrozen = () => this.processes.some((worker) => [...worker.tasks].some((task) => task.isFrozen));
    for (let n = 0; n < 50 && hasFrozen(); n += 1) await this.thaw(n);
  }

  async workOne(pick: number, worker: number, fault: Fault | null): Promise<void> {
    await this.carry(pick % 2 === 0 ? 'google-meet' : 'microsoft-teams');
    const jobs = [...this.world.queues['google-meet'].waiting(), ...this.world.queues['microsoft-teams'].waiting()];
    const job = jobs[pick % Math.max(1, jobs.length)];
    if (!job) return;
    const queue = this.world.queues['google-meet'].jobs.has(job.id)
      ? this.world.queues['google-meet']
      : this.world.queues['microsoft-teams'];
    await this.runJob(queue, job, this.processes[worker]!, fault);
  }

  async mailOne(pick: number, worker: number, fault: Fault | null): Promise<void> {
    await this.carry('deliveries');
    const jobs = this.world.queues.deliveries.waiting();
    const job = jobs[pick % Math.max(1, jobs.length)];
    if (job) await this.runJob(this.world.queues.deliveries, job, this.processes[worker]!, fault);
  }

  kill(n: number): void {
    this.restart(this.processes[n]!);
    this.world.count('worker killed');
  }

  async thaw(pick: number): Promise<void> {
    const frozen = this.processes.flatMap((worker) =>
      [...worker.tasks].filter((task) => task.isFrozen).map((task) => ({ worker, task })),
    );
    const one = frozen[pick % Math.max(1, frozen.length)];
    if (!one) return;
    const { claim } = one.task;
    const before = claim && (await this.world.meeting(claim.meetingId));
    one.task.thaw();
    await Promise.race([
      one.task.result,
      one.task.suspended.then(() => (one.task.isDead ? undefined : one.task.result)),
    ]);
    one.worker.tasks.delete(one.task);
    this.world.count('thawed');
    if (!claim || !before || before.epoch <= claim.epoch) return;
    this.world.count('thawed after its claim was taken');
    if (JSON.stringify(await this.world.meeting(claim.meetingId)) !== JSON.stringify(before))
      this.world.violation(`I2 a worker that was frozen wrote on a meeting of ${before.timeslotId}`);
  }

  stalled(): void {
    for (const name of QUEUES)
      for (const job of this.world.queues[name].jobs.values()) this.world.queues[name].stalled(job);
  }

  async workAll(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      const due = await this.world.look((em) =>
        rows(
          em,
          sql<{
            queue: QueueName;
          }>`select distinct queue from dispatches where due_at <= ${this.world.clock.now()} and (busy_until is null or busy_until <= ${this.world.clock.now()})`,
        ),
      );
      for (const { queue } of due) await this.carry(queue);
      const found = QUEUES.map((name) => ({ name, job: this.world.queues[name].waiting()[0] })).find(({ job }) => job);
      if (!found) return;
      await this.runJob(this.world.queues[found.name], found.job!, this.processes[round % 2]!, null);
    }
    this.world.violation('it never comes to rest');
  }

  private async carry(name: QueueName): Promise<void> {
    const { database, clock, queues } = this.world;
    await carry({ database, clock, timers: TIMERS, name, queue: queues[name] });
  }

  /** Until it is done, frozen, or its process is dead. */
  private async runJob(
    queue: VirtualQueue,
    job: VirtualJob,
    worker: WorkerProcess,
    fault: Fault | null,
  ): Promise<Task> {
    const struck = !this.isHealing && this.strike?.job === this.jobsRun ? this.strike.fault : fault;
    const task = new Task(
      struck,
      () => this.world.instant,
      'meetingId' in job.data ? TIMERS.claimMs * 2 : TIMERS.deliveryClaimMs,
    );
    worker.tasks.add(task);
    job.state = 'active';
    const given = { data: job.data, attemptsMade: job.attemptsMade } as Job<never>;
    const isStill = () =>
      this.world.queues[this.nameOf(queue)] === queue && queue.jobs.get(job.id) === job && job.state === 'active';
    task.result = runningTask.run(task, async () => {
      try {
        const word = await ('meetingId' in job.data
          ? worker.settle.process(given)
          : worker.deliver.send(job.data.deliveryId));
        this.world.trace?.push(`  ${job.id.slice(0, 8)} -> ${word}`);
        if (isStill()) queue.done(job);
      } catch (error) {
        this.world.trace?.push(`  ${job.id.slice(0, 8)} failed: ${String(error).slice(0, 200)}`);
        if (isStill()) queue.failed(job);
      }
    });
    await Promise.race([task.result, task.suspended]);
    if (!this.isHealing) this.passed[this.jobsRun++] = task.passed;
    if (task.struck) this.world.count(task.struck);
    if (task.isFrozen && 'meetingId' in job.data) {
      const { meetingId } = job.data;
      task.claim = { meetingId, epoch: (await this.world.meeting(meetingId))?.epoch ?? 0 };
    }
    if (task.isDead) this.restart(worker);
    else if (!task.isFrozen) worker.tasks.delete(task);
    return task;
  }

  /** A process that died takes its frozen work and its leases with it. */
  private restart(worker: WorkerProcess): void {
    for (const task of worker.tasks) task.kill();
    worker.tasks.clear();
    worker.leases.clear();
  }

  private nameOf = (queue: VirtualQueue) => QUEUES.find((name) => this.world.queues[name] === queue) ?? 'deliveries';
}

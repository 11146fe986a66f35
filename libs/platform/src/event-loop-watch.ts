import { Worker } from 'node:worker_threads';

const BEAT_MS = 1_000;

/**
 * A thread of its own that ends this process with SIGKILL when its event loop stands still, so that whoever runs it starts
 * it again; a process that no longer turns can't end itself. The thread counts its own ticks and looks at no clock: one
 * that was frozen, or not scheduled, has missed as many ticks as beats and lives on.
 * @param standstillMs the loop may stand still for so long
 */
export function watchEventLoop(standstillMs = 30_000): void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const tickMs = Math.min(BEAT_MS, standstillMs / 10);
  const thread = new Worker(new URL('./event-loop-watch.thread.js', import.meta.url), {
    execArgv: [],
    workerData: { beats, tickMs, ticks: Math.ceil(standstillMs / tickMs) },
  });
  thread.unref();
  setInterval(() => Atomics.add(beats, 0, 1), tickMs / 2).unref();
}

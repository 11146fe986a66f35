import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { beats, tickMs, ticks } = workerData as { beats: Int32Array; tickMs: number; ticks: number };
let seen = 0;
let still = 0;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === seen ? still + 1 : 0;
  seen = now;
  if (still < ticks) return;
  writeSync(
    1,
    `${JSON.stringify({ level: 60, time: new Date().toISOString(), msg: 'the event loop stands still: the process ends, to be started again' })}\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}, tickMs);

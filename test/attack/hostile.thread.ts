import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { ATTACKS } from './attacks.js';

// A thread of its own, so that what the attack costs its sender does not disturb who measures.

/** So long an answer is waited for before the connection is given up and opened again. */
const PATIENCE_MS = 15_000;

const { name, port, ms } = workerData as { name: string; port: number; ms: number };
const { connections, requests = Infinity, make } = ATTACKS[name]!;
const end = Date.now() + ms;
const answers: Record<string, number> = {};
let sent = 0;

await Promise.all(Array.from({ length: connections }, connection));
parentPort!.postMessage({ sent, answers });

async function connection(): Promise<void> {
  while (Date.now() < end && sent < requests) {
    sent += 1;
    const answer = await once();
    answers[answer] = (answers[answer] ?? 0) + 1;
    // A server that closes at once is not called more often than it can refuse.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** One connection, one request. @returns the status that came, or how it ended without one */
function once(): Promise<string> {
  return new Promise((resolve) => {
    const { at, slowly } = make();
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = 'closed';
    const piece = slowly && setInterval(() => socket.write(slowly.piece), slowly.everyMs);
    // Without a number of requests the attack ends with its time; with one, each is waited for.
    const patience = setTimeout(
      () => {
        answer = 'none';
        socket.destroy();
      },
      requests === Infinity ? Math.max(0, end - Date.now()) : PATIENCE_MS,
    );
    socket.on('connect', () => socket.write(at));
    socket.on('data', (chunk) => {
      answer = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1'))?.[1] ?? answer;
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      clearInterval(piece);
      resolve(answer);
    });
  });
}

import { startTestServices } from '../support/test-services.js';
import { commandOptions, whole } from '../support/command-options.js';
import { hasRedis } from '../support/redis.js';
import { proveErasure } from './prove-erasure.js';

// npm run erasure:proof [-- --people N]: exit 0 only if everybody was readable before and nobody is after.

const { people } = commandOptions('npm run erasure:proof -- [--people N]', { people: whole(200, 1) });
const stop = await startTestServices();
try {
  const proof = await proveErasure({
    people,
    backend: hasRedis() ? 'redis' : 'postgres',
    say: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
  const { receipts, ...readable } = proof.after;
  const isProven =
    Object.values(proof.control).every((count) => count === people) &&
    receipts === people &&
    Object.values(readable).every((count) => !count) &&
    proof.files.carvedWithoutWrappingKey === 0;
  process.exitCode = isProven ? 0 : 1;
} finally {
  await stop();
}

import { startLocalProduct } from '../../apps/cli/src/local-product.js';
import { commandOptions, whole } from '../support/command-options.js';
import { fuzzRequests } from './fuzz-requests.js';

// npm run fuzz -- --requests 20000 --seed 1: ends with one line of JSON; exit 0 only without a fault.
process.env['LOG_LEVEL'] ??= 'fatal';
const { requests, seed } = commandOptions('npm run fuzz -- [--requests N] [--seed S]', {
  requests: whole(20_000, 1),
  seed: whole(1, 0),
});
const product = await startLocalProduct({ env: {}, port: 0, durable: false });
try {
  const run = await fuzzRequests(product.appUrl, product.sandbox, {
    requests,
    seed,
  });
  for (const fault of run.faults.slice(0, 40)) process.stdout.write(`${fault}\n`);
  const { faults, ...counts } = run;
  process.stdout.write(`${JSON.stringify({ ...counts, faults: faults.length })}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await product.close();
}

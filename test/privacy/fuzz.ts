import { parseArgs } from 'node:util';
import { startLocalProduct } from '../../apps/cli/src/local-product.js';
import { fuzzRequests } from './fuzz-requests.js';

// npm run fuzz -- --requests 20000 --seed 1: ends with one line of JSON; exit 0 only without a fault.
process.env['LOG_LEVEL'] ??= 'fatal';
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const product = await startLocalProduct({ env: {}, port: 0, durable: false });
try {
  const run = await fuzzRequests(product.appUrl, product.sandbox, {
    requests: Number(values.requests),
    seed: Number(values.seed),
  });
  for (const fault of run.faults.slice(0, 40)) process.stdout.write(`${fault}\n`);
  const { faults, ...counts } = run;
  process.stdout.write(`${JSON.stringify({ ...counts, faults: faults.length })}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await product.close();
}

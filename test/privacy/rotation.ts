import { migrate, startEmbeddedPostgres } from '#libs/database';
import { commandOptions, whole } from '../support/command-options.js';
import { rotateUnderTraffic } from './rotate-under-traffic.js';

// npm run rotation -- --rows 20000 --kills 10: ends with one line of JSON; exit 0 only without a failed read.
const { rows, kills } = commandOptions('npm run rotation -- [--rows N] [--kills N]', {
  rows: whole(20_000, 1),
  kills: whole(10, 0),
});
const postgres = await startEmbeddedPostgres({ durable: false });
try {
  await migrate(postgres.migrationUrl, postgres.url);
  const run = await rotateUnderTraffic({
    databaseUrl: postgres.url,
    rows,
    kills,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify(run)}\n`);
  process.exitCode = run.failedReads + run.failedWrites + run.left + run.unreadable === 0 ? 0 : 1;
} finally {
  await postgres.stop();
}

import { findLeaks } from './leak/find-leaks.js';

// npm run leak: a line for each store, then one line of JSON; exit 0 only where no canary is found and every control is.
const { table, finds, controlsMissed, ...run } = await findLeaks((line) => process.stderr.write(`${line}\n`));
for (const { store, bytes, found, controls } of table)
  process.stdout.write(`${store}: ${bytes} bytes, ${found} found, controls ${controls}\n`);
for (const find of finds) process.stdout.write(`FOUND ${find}\n`);
for (const miss of controlsMissed) process.stdout.write(`CONTROL NOT FOUND ${miss}\n`);
process.stdout.write(`${JSON.stringify({ ...run, found: finds.length })}\n`);
const { backup, canaries } = run;
const isGood =
  finds.length === 0 && controlsMissed.length === 0 && canaries >= 200 && backup.logins === 0 && backup.personal > 0;
process.exitCode = isGood ? 0 : 1;

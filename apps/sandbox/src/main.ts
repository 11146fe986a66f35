import { once } from 'node:events';
import { startSandbox } from './sandbox.js';

/** Starts the sandbox alone: PORT, SMTP_PORT, APP_URL, EVENT_SECRET, SEED. Prints the settings for the product. */
const { PORT = '4400', SMTP_PORT = '4425', APP_URL, EVENT_SECRET, SEED } = process.env;
const sandbox = await startSandbox({
  port: Number(PORT),
  smtpPort: Number(SMTP_PORT),
  appUrl: APP_URL,
  eventSecret: EVENT_SECRET,
  seed: SEED === undefined ? undefined : Number(SEED),
});
const settings = Object.entries(sandbox.settings).map(([name, value]) => `${name}=${value}`);
process.stdout.write(
  [
    `Parent meetings  ${sandbox.url}/module`,
    `Mailbox          ${sandbox.url}/mail`,
    `Seed             ${sandbox.seed}`,
    '',
    ...settings,
    '',
  ].join('\n'),
);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await sandbox.close();

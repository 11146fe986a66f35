import { StartupError, checkedSetting } from '#libs/platform';
import { startLocalProduct } from './local-product.js';

/** `npm start`: everything on this computer, a seeded school, and the addresses to open. Stays up until Ctrl-C. */
export async function demo(env: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(checkedSetting(env, 'PORT') ?? 3000);
  if (port === 65_535) throw new StartupError(['PORT must be below 65535: the sandbox takes the port after it.']);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  // Logs of the parts would bury the addresses.
  process.env['LOG_LEVEL'] ??= 'warn';
  const product = await startLocalProduct({ env, port, sandboxPort: port === 0 ? 0 : port + 1, durable: true, say });
  const { sandbox, appUrl } = product;
  await sandbox.module.emit(sandbox.module.seed());
  say(`
Video Conferences for Parent Meetings is running. Nothing leaves this computer.

  1. The school's own software   ${sandbox.url}/module
     Be Anne de Vries, a teacher: connect an account, press the one button, watch the links appear.
  2. The mailbox of all parents  ${sandbox.url}/mail
     Open a mail, press its button: you are at the door of that family's meeting.
  3. The product itself          ${appUrl}/
     The queues, for ops: sign in at 1 as Operations, then ${appUrl}/ops/queues

Ctrl-C ends it.`);
  await new Promise<void>((resolve) => {
    const end = () => {
      say('Ending …');
      void product.close().then(resolve);
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
}

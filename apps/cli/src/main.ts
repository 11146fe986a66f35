import { migrate } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { StartupError, checkedSetting, createLogger, loadSettings, runProcess } from '#libs/platform';
import { audit } from './audit.js';
import { databaseFault } from './database-fault.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { evening } from './evening/evening.js';
import { keys } from './keys.js';
import { readArgs } from './read-args.js';
import { retention } from './retention.js';
import { send } from './send.js';
import { startAll } from './start-all.js';
import { writePrivacyDocuments } from './write-privacy-documents.js';
import { WrongArguments } from './wrong-arguments.js';

interface Command {
  /** Lines of the usage: what to type, and what it does. */
  readonly usage: readonly (readonly [typed: string, does: string])[];
  /** @returns the exit code; null: it goes on */
  readonly run: (args: readonly string[]) => Promise<number | null>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  doctor: {
    usage: [['doctor', 'all wrong settings at once, each with its mend (--example prints .env.example)']],
    run: (args) => doctor(process.env, args),
  },
  keys: {
    usage: [
      ['keys [--key-ring PATH]', 'NAME=value lines for KEY_RING, COOKIE_KEYS and SIGNING_KEY; makes the file'],
      [
        'keys rotate',
        'a new wrapping key, and every data key wrapped with it, while all runs on; goes on where it was stopped',
      ],
      ['keys add', "only puts a new wrapping key into the ring's file, for rings that are copied to several machines"],
      ['keys retire KID', 'takes an old wrapping key out of the ring; refuses while rows still need it'],
    ],
    run: (args) => keys(process.env, args),
  },
  migrate: {
    usage: [['migrate', 'makes the tables or brings them up to date, and lets the application role work in them']],
    run: async (args) => {
      readArgs('migrate', args);
      const [name, migrationUrl] = required('DATABASE_MIGRATION_URL', 'DATABASE_URL');
      const [, databaseUrl] = required('DATABASE_URL');
      const fault = await databaseFault(name, migrationUrl);
      if (fault !== null) throw new StartupError([fault]);
      const { applied } = await migrate(migrationUrl, databaseUrl, QUEUES);
      process.stdout.write(applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`);
      return 0;
    },
  },
  all: {
    usage: [['all', 'API and worker in one process']],
    run: async (args) => {
      readArgs('all', args);
      await runProcess(createLogger('all'), () => startAll(loadSettings(process.env)));
      return null;
    },
  },
  demo: {
    usage: [['demo', 'everything on this computer, with a seeded school, until Ctrl-C']],
    run: async (args) => {
      readArgs('demo', args);
      await demo(process.env);
      return 0;
    },
  },
  evening: {
    usage: [
      [
        'evening [--teachers N] [--slots N]',
        'a whole evening, unattended, on this computer; exit 0 only if all is right',
      ],
    ],
    run: (args) => evening(process.env, args),
  },
  retention: {
    usage: [['retention --dry-run', 'who will be deleted for having had no school for two years; changes nothing']],
    run: (args) => retention(process.env, args),
  },
  send: { usage: [['send FILE [--url URL]', 'sends a signed event']], run: (args) => send(process.env, args) },
  audit: {
    usage: [
      ['audit verify', "holds every school's audit against its chain and its checkpoints"],
      ['audit show [--school ID] [--limit N]', 'the latest entries of a school, or of what ops did (without --school)'],
    ],
    run: (args) => audit(process.env, args),
  },
  'privacy-documents': {
    usage: [['privacy-documents', 'writes docs/privacy/processing-*.md anew, from the tables']],
    run: (args) => {
      readArgs('privacy-documents', args);
      return writePrivacyDocuments();
    },
  },
};

const usage = (commands: readonly Command[] = Object.values(COMMANDS)) =>
  commands
    .flatMap((each) => each.usage)
    .map(([typed, does]) => `conferences ${typed.padEnd(34)}  ${does}\n`)
    .join('');

/** The first of these settings that is there, and its name. */
function required(...names: string[]): [name: string, value: string] {
  for (const name of names) {
    const value = checkedSetting(process.env, name);
    if (value) return [name, value];
  }
  throw new StartupError([`${names.at(-1)} is missing: migrate needs it.`]);
}

const [name = '', ...args] = process.argv.slice(2);
if (['help', '--help', '-h'].includes(name) || args.includes('--help')) {
  process.stdout.write(usage());
  process.exit(0);
}
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command) {
  process.stderr.write(usage());
  process.exit(2);
}
try {
  const code = await command.run(args);
  if (code !== null) process.exit(code);
} catch (error) {
  process.stderr.write(
    `${error instanceof StartupError ? error.message : error instanceof Error ? error.message : 'It failed.'}\n`,
  );
  if (error instanceof WrongArguments) process.stderr.write(usage([command]));
  process.exit(1);
}

import { StartupError, createLogger, loadSettings, runProcess } from '#libs/platform';
import { readArgs } from './read-args.js';
import { WrongArguments } from './wrong-arguments.js';

interface Command {
  /** Lines of the usage: what to type, and what it does. */
  readonly usage: readonly (readonly [typed: string, does: string])[];
  /** @returns the exit code; null: it goes on */
  readonly run: (args: readonly string[]) => Promise<number | null>;
}

// Each command loads its own code when it is called: who asks for help, or mistypes, does not wait for the whole product.
const COMMANDS: Readonly<Record<string, Command>> = {
  doctor: {
    usage: [['doctor', 'all wrong settings at once, each with its mend (--example prints .env.example)']],
    run: async (args) => (await import('./doctor.js')).doctor(process.env, args),
  },
  keys: {
    usage: [
      ['keys [--key-ring PATH]', 'NAME=value lines for KEY_RING, COOKIE_KEYS and SIGNING_KEY; makes the file'],
      [
        'keys rotate',
        'a new wrapping key, and every data key wrapped with it, while all runs on; goes on where it was stopped',
      ],
      ['keys add', "only puts a new wrapping key into the ring's file, for rings that are copied to several machines"],
      ['keys adopt', 'this database is the live one from now on (restored, moved): only there keys are retired'],
      ['keys retire KID', 'takes an old wrapping key out of the ring; refuses while rows still need it'],
    ],
    run: async (args) => (await import('./keys.js')).keys(process.env, args),
  },
  certificates: {
    usage: [
      ['certificates --out DIR [--hosts A,B]', 'an authority, and certificates for Postgres and Redis (openssl)'],
    ],
    run: async (args) => (await import('./certificates.js')).certificates(args),
  },
  migrate: {
    usage: [['migrate', 'makes the tables or brings them up to date, and lets the application role work in them']],
    run: async (args) => (await import('./migrate.js')).migrateTables(process.env, args),
  },
  all: {
    usage: [['all', 'API and worker in one process']],
    run: async (args) => {
      readArgs('all', args);
      await runProcess(createLogger('all'), async () => {
        const settings = loadSettings(process.env);
        return (await import('./start-all.js')).startAll(settings);
      });
      return null;
    },
  },
  demo: {
    usage: [['demo', 'everything on this computer, with a seeded school, until Ctrl-C']],
    run: async (args) => {
      readArgs('demo', args);
      await (await import('./demo.js')).demo(process.env);
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
    run: async (args) => (await import('./evening/evening.js')).evening(process.env, args),
  },
  retention: {
    usage: [['retention --dry-run', 'who will be deleted for having had no school for two years; changes nothing']],
    run: async (args) => (await import('./retention.js')).retention(process.env, args),
  },
  send: {
    usage: [['send FILE [--url URL]', 'sends a signed event']],
    run: async (args) => (await import('./send.js')).send(process.env, args),
  },
  audit: {
    usage: [
      ['audit verify', "holds every school's audit against its chain and its checkpoints"],
      ['audit show [--school ID] [--limit N]', 'the latest entries of a school, or of what ops did (without --school)'],
    ],
    run: async (args) => (await import('./audit.js')).audit(process.env, args),
  },
  backup: {
    usage: [
      ['backup --out DIR', 'every row as of one moment, in one file; deletes backups there that are 29 days old'],
    ],
    run: async (args) => (await import('./backup.js')).backup(process.env, args),
  },
  restore: {
    usage: [
      ['restore FILE', 'puts a backup into the empty database of DATABASE_MIGRATION_URL'],
      ['restore --check FILE [--scratch URL]', 'tries it in a database that is thrown away; says what it would cost'],
    ],
    run: async (args) => (await import('./restore.js')).restore(process.env, args),
  },
  restored: {
    usage: [
      ['restored --reason TEXT', 'records a restore into the same database, which no start can tell from a cut-off'],
    ],
    run: async (args) => (await import('./restored.js')).restored(process.env, args),
  },
  'privacy-documents': {
    usage: [['privacy-documents', 'writes docs/privacy/processing-*.md anew, from the tables']],
    run: async (args) => {
      readArgs('privacy-documents', args);
      return (await import('./write-privacy-documents.js')).writePrivacyDocuments();
    },
  },
};

const usage = (commands: readonly Command[] = Object.values(COMMANDS)) =>
  commands
    .flatMap((each) => each.usage)
    .map(([typed, does]) => `conferences ${typed.padEnd(34)}  ${does}\n`)
    .join('');

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

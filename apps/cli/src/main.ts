import { migrate } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { StartupError, createLogger, loadSettings, readSetting, runProcess } from '#libs/platform';
import { audit } from './audit.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { evening } from './evening/evening.js';
import { makeKeys } from './make-keys.js';
import { retention } from './retention.js';
import { addKey, retireKey, rotateKeys } from './rotate.js';
import { send } from './send.js';
import { startAll } from './start-all.js';
import { writePrivacyDocuments } from './write-privacy-documents.js';

const USAGE = `conferences doctor                  all wrong settings at once, each with its mend (--example prints .env.example)
conferences keys [--key-ring PATH]  NAME=value lines for KEY_RING, COOKIE_KEYS and SIGNING_KEY; makes the file
conferences keys rotate             a new wrapping key, and every data key wrapped with it, while all runs on; goes on where it was stopped
conferences keys add                only puts a new wrapping key into the ring's file, for rings that are copied to several machines
conferences keys retire KID         takes an old wrapping key out of the ring; refuses while rows still need it
conferences retention --dry-run     who will be deleted for having had no school for two years; changes nothing
conferences send FILE [--url URL]   sends a signed event
conferences audit verify            holds every school's audit against its chain and its checkpoints
conferences privacy-documents       writes docs/privacy/processing-*.md anew, from the tables
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number | null>>> = {
  demo: async () => {
    await demo(process.env);
    return 0;
  },
  all: async () => {
    await runProcess(createLogger('all'), () => startAll(loadSettings(process.env)));
    return null;
  },
  migrate: async () => {
    const { applied } = await migrate(
      required('DATABASE_MIGRATION_URL', 'DATABASE_URL'),
      required('DATABASE_URL'),
      QUEUES,
    );
    process.stdout.write(applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`);
    return 0;
  },
  evening: (args) => evening(process.env, args),
  doctor: (args) => doctor(process.env, args),
  keys: async (args) => {
    if (args[0] === 'rotate') return rotateKeys(process.env);
    if (args[0] === 'add') return addKey(process.env);
    if (args[0] === 'retire') return retireKey(process.env, args[1] ?? '');
    if (args[0] !== undefined && !args[0].startsWith('--'))
      throw new StartupError([`keys knows rotate, add and retire, and no "${args[0]}". No key was made.`]);
    const place = args.indexOf('--key-ring');
    const keys = makeKeys(place < 0 ? './key-ring.json' : (args[place + 1] ?? './key-ring.json'));
    for (const [name, value] of Object.entries(keys)) process.stdout.write(`${name}=${value}\n`);
    return 0;
  },
  retention: (args) => retention(process.env, args),
  send: (args) => send(process.env, args),
  audit: (args) => audit(process.env, args),
  'privacy-documents': () => writePrivacyDocuments(),
};

/** The first of these settings that is there. */
function required(...names: string[]): string {
  const value = names.map((name) => readSetting(process.env, name)).find(Boolean);
  if (value && /^postgres(ql)?:\/\//.test(value)) return value;
  throw new StartupError([`${names.at(-1)} is ${value ? 'not a postgres:// URL' : 'missing'}: migrate needs it.`]);
}

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command) {
  process.stderr.write(USAGE);
  process.exit(2);
}
try {
  const code = await command(args);
  if (code !== null) process.exit(code);
} catch (error) {
  process.stderr.write(
    `${error instanceof StartupError ? error.message : error instanceof Error ? error.message : 'It failed.'}\n`,
  );
  process.exit(1);
}

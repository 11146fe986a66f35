import { startLocalProduct, type LocalProduct } from '../local-product.js';
import { parseOptions, type EveningOptions } from './options.js';
import { Browser } from './browser.js';
import { inspect, type Findings } from './inspect.js';
import { progressBar } from './progress-bar.js';

const SCHOOL = 's-evening';
const EVENING = 'e-evening';
/** An evening that stands still for this long has failed. */
const STANDSTILL_MS = 60_000;

/**
 * `npm run evening`: the main job, start to end, unattended. Teachers sign in and connect their account as in a browser,
 * press the button, and wait; then every meeting, mail and join link is held against what the providers really have.
 * @returns the exit code: 0 only if all is right
 */
export async function evening(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  process.env['LOG_LEVEL'] ??= 'error';
  const product = await startLocalProduct({
    env,
    port: 0,
    durable: false,
    seed: options.seed,
    latencyMs: options.latencyMs,
    say: (line) => say(options, line),
  });
  // Whoever stops it leaves no server behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void product.close().then(() => process.exit(130)));
  try {
    const started = performance.now();
    const findings = await run(product, options);
    const seconds = Math.round((performance.now() - started) / 10) / 100;
    report(options, findings, seconds, product);
    return isRight(findings) ? 0 : 1;
  } finally {
    await product.close();
  }
}

const isRight = (found: Findings) =>
  found.ready === found.slots &&
  found.needsOwner === 0 &&
  found.failed === 0 &&
  found.mails === found.parents &&
  found.duplicates === 0 &&
  found.orphans === 0 &&
  found.wrongLinks === 0 &&
  found.violations === 0;

/** Progress and prose go to stderr where the last line of stdout is for programs. */
const say = (options: EveningOptions, line: string) =>
  (options.json ? process.stderr : process.stdout).write(`${line}\n`);

async function run(product: LocalProduct, options: EveningOptions): Promise<Findings> {
  const { sandbox, appUrl } = product;
  const { module } = sandbox;
  sandbox.autoConsent(true);
  const events = module.planEvening({
    teachers: options.teachers,
    slotsPerTeacher: options.slots,
    schoolId: SCHOOL,
    eveningId: EVENING,
  });
  say(options, `Seed ${sandbox.seed}. Telling the product of ${events.length} timeslots …`);
  const school = events[0]!.data.school;
  // Join links open at any time here, so that each can be followed now.
  await module.emit([
    {
      specversion: '1.0',
      id: `${SCHOOL}-settings`,
      source: 'urn:evening',
      type: 'parentmeetings.school.changed.v1',
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      data: { school: { ...school, revealMinutes: null } },
    },
  ]);
  for (let place = 0; place < events.length; place += 500) await module.emit(events.slice(place, place + 500));
  sandbox.faults.replace(options.faults);

  const teachers = [...new Map(events.map(({ data }) => [data.teacher.id, data.teacher])).values()];
  say(options, `${teachers.length} teachers sign in, connect their account and press the button …`);
  await Promise.all(
    teachers.map(async (teacher, place) => {
      const provider =
        options.provider === 'both' ? (place % 2 === 0 ? 'google-meet' : 'microsoft-teams') : options.provider;
      await pressTheButton(
        product,
        { sub: teacher.id, school: SCHOOL, roles: ['teacher'], name: teacher.name, email: teacher.email, locale: 'nl' },
        provider,
      );
    }),
  );
  const bearer = await module.token({
    sub: 'p-directie',
    school: SCHOOL,
    roles: ['admin'],
    name: 'Office',
    email: 'office@regenboog.example',
    locale: 'nl',
    seconds: 600,
  });
  await untilDone(appUrl, () => Promise.resolve(bearer), options);
  const parents = events.reduce((sum, { data }) => sum + data.parents.length, 0);
  await untilMailed(product, parents, options);
  sandbox.faults.clear();
  say(options, 'Holding every meeting, mail and join link against what the providers have …');
  return inspect(product, events, { school: SCHOOL, evening: EVENING });
}

async function pressTheButton(
  { sandbox, appUrl }: LocalProduct,
  teacher: { sub: string; school: string; roles: string[]; name: string; email: string; locale: string },
  provider: 'google-meet' | 'microsoft-teams',
): Promise<void> {
  const browser = new Browser();
  const login = provider === 'google-meet' ? 'google' : 'microsoft';
  const entered = await browser.open(await sandbox.module.enterUrl(teacher, `/evenings/${EVENING}`));
  if (entered.status !== 200) throw new Error(`Signing in ended with ${entered.status}.`);
  await withRetries(async () => {
    const start = await browser.fetch(`${appUrl}/login/${login}?to=/evenings/${EVENING}`);
    const consent = new URL(start.headers.get('location') ?? `${appUrl}/`);
    // The account chooser's answer: the teacher's own address.
    consent.searchParams.set('sandbox_account', teacher.email);
    const connected = await browser.open(consent.href);
    if (connected.status !== 200) throw new Error(`Connecting the account ended with ${connected.status}.`);
  });
  const pressed = await browser.fetch(`${appUrl}/v1/conferences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider, eveningId: EVENING }),
  });
  if (pressed.status !== 202)
    throw new Error(`Pressing the button ended with ${pressed.status}: ${await pressed.text()}`);
}

/** A person whose sign-in page fails tries again. */
async function withRetries(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

interface Progress {
  total: number;
  ready: number;
  needsOwner: number;
  failed: number;
  working: number;
}

/** Watches the live progress (SSE), as the teachers' pages do, until nothing is being worked on. */
async function untilDone(appUrl: string, bearer: () => Promise<string>, options: EveningOptions): Promise<void> {
  const bar = progressBar(options.json ? process.stderr : process.stdout, 'meetings ready');
  const ending = new AbortController();
  let standstill = setTimeout(() => ending.abort(), STANDSTILL_MS);
  const response = await fetch(`${appUrl}/v1/evenings/${EVENING}/progress/stream`, {
    headers: { authorization: `Bearer ${await bearer()}`, accept: 'text/event-stream' },
    signal: ending.signal,
  });
  let text = '';
  let last = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (!data || !block.includes('event: progress')) continue;
        const progress = JSON.parse(data) as Progress;
        bar.show(progress.ready, progress.total);
        if (progress.total > 0 && progress.working === 0) return;
        if (data !== last) {
          last = data;
          clearTimeout(standstill);
          standstill = setTimeout(() => ending.abort(), STANDSTILL_MS);
        }
      }
    }
  } catch {
    // Nothing moved for too long: the findings say what is missing.
  } finally {
    clearTimeout(standstill);
    bar.end();
    ending.abort();
  }
}

async function untilMailed({ sandbox }: LocalProduct, parents: number, options: EveningOptions): Promise<void> {
  const bar = progressBar(options.json ? process.stderr : process.stdout, 'parents mailed');
  const mailed = () =>
    new Set(sandbox.mailbox.messages.filter((mail) => mail.attachments.length > 0).map((mail) => mail.messageId)).size;
  while (mailed() < parents) {
    bar.show(mailed(), parents);
    const known = sandbox.mailbox.messages.length;
    const more = await sandbox.mailbox.waitFor((mail) => mail.n > known, STANDSTILL_MS).catch(() => null);
    if (!more) break;
  }
  bar.show(mailed(), parents);
  bar.end();
}

function report(options: EveningOptions, found: Findings, seconds: number, { sandbox }: LocalProduct): void {
  const { slots, ready, needsOwner, failed, parents, mails, duplicates, orphans, wrongLinks } = found;
  say(
    options,
    `
${ready} of ${slots} timeslots ready, ${needsOwner} need their owner, ${failed} failed
${mails} mails to ${parents} parents
faults found: ${duplicates} duplicates, ${orphans} orphans, ${wrongLinks} wrong links, ${found.violations} broken promises at the providers
${seconds} s, ${(slots / seconds).toFixed(1)} slots a second`,
  );
  const fired = Object.entries(sandbox.faults.fired());
  if (fired.length > 0) say(options, `faults made: ${fired.map(([id, count]) => `${id} ${count}`).join(', ')}`);
  for (const note of found.notes.slice(0, 20)) say(options, `  - ${note}`);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ slots, ready, needsOwner, failed, parents, mails, duplicates, orphans, wrongLinks, seconds })}\n`,
    );
}

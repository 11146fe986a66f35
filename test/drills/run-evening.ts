import { setTimeout as pause } from 'node:timers/promises';
import { ASchool, type SlotEvent } from '../support/a-school.js';
import type { Progress } from '../support/product.js';
import { until } from '../support/until.js';
import { DrillRig } from './drill-rig.js';
import { SLOW_END, type Drill } from './drills.js';

const SLOTS_OF_A_TEACHER = 15;
const EVENTS_AT_ONCE = 10;
/** The module's own pace, so that the evening runs while the drill does. */
const EVENTS_EVERY_MS = 700;
const VISITS_EVERY_MS = 2_000;
/** Invariant 9. */
const HEALED_WITHIN_S = 120;

export interface Outcome {
  readonly slots: number;
  readonly ready: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What the module and the teachers were refused meanwhile, by status; 0: no answer. */
  readonly refused: Readonly<Record<string, number>>;
  readonly healedMs: number | null;
  readonly violations: readonly string[];
}

/** An evening under way: the module sends, the teachers have their pages open, and the drill happens to it. */
export async function runEvening(options: {
  drill: Drill;
  slots: number;
  seed: number;
  logs: string;
}): Promise<Outcome> {
  const { drill, slots, seed, logs } = options;
  const rig = await DrillRig.start({ seed, logs });
  try {
    const { product } = rig;
    const school = new ASchool();
    const teachers = Math.ceil(slots / SLOTS_OF_A_TEACHER);
    const teacherOf = (n: number) => school.teacher(1 + ((n - 1) % teachers));
    const refused: Record<string, number> = {};
    const faults: Record<string, number> = {};
    const count = (into: Record<string, number>, word: string) => (into[word] = (into[word] ?? 0) + 1);
    const browsers = await Promise.all(
      Array.from({ length: teachers }, (_, place) => product.teacher(school, 'google', place + 1)),
    );
    const ending = new AbortController();
    const visiting = (async () => {
      while (!ending.signal.aborted) {
        await Promise.all(
          browsers.map((browser) =>
            product
              .visit(browser)
              .catch((error: Error) => count(refused, /answered (\d+)/.exec(error.message)?.[1] ?? '0')),
          ),
        );
        await pause(VISITS_EVERY_MS);
      }
    })();
    const sending = (async () => {
      for (let first = 1; first <= slots; first += EVENTS_AT_ONCE) {
        const numbers = Array.from({ length: Math.min(EVENTS_AT_ONCE, slots - first + 1) }, (_, i) => first + i);
        const events = numbers.map((n) => school.slot(n, { teacher: teacherOf(n), wanting: 'google-meet' }));
        await sentUntilTaken(rig, events, (status) => count(refused, status));
        await pause(EVENTS_EVERY_MS);
      }
    })();
    await drill(rig, (fault) => count(faults, fault));
    await sending;
    const over = performance.now();
    const admin = await product.bearer('admin', school);
    let ready = 0;
    const healed = await until(
      'every slot is ready and every parent has a mail',
      async () => {
        const progress = await product
          .get<Progress>(admin, `/v1/evenings/${school.evening.id}/progress`)
          .catch(() => null);
        ready = progress?.ready ?? ready;
        return progress?.ready === slots && progress.working === 0 && mailed(rig, school, slots).missing === 0;
      },
      HEALED_WITHIN_S,
    ).catch(() => null);
    const healedMs = healed ? performance.now() - over : null;
    ending.abort();
    await visiting;
    const emails = Array.from({ length: teachers }, (_, place) => school.teacher(place + 1).email);
    const live = product.live(...emails);
    const { missing, doubled } = mailed(rig, school, slots);
    const violations = [
      ...(healedMs === null ? [`not healed within ${HEALED_WITHIN_S} s: ${ready} of ${slots} ready`] : []),
      ...(live.length < slots ? [`${slots - live.length} meetings lost`] : []),
      ...(live.length > slots ? [`${live.length - slots} meetings doubled`] : []),
      ...(missing > 0 ? [`${missing} parents without a mail`] : []),
      ...(doubled > 0 ? [`${doubled} parents with two messages`] : []),
      ...(refused['500'] ? [`${refused['500']} requests answered 500`] : []),
      ...Object.keys(faults).filter((fault) => fault.endsWith(SLOW_END)),
      ...rig.sandbox.ledger.violations.map(({ kind, operation }) => `the provider saw ${kind} at ${operation}`),
    ];
    return { slots, ready, faults, refused, healedMs, violations };
  } finally {
    await rig.close();
  }
}

/** As the module does: until it is acknowledged. */
async function sentUntilTaken(rig: DrillRig, events: SlotEvent[], refused: (status: string) => void): Promise<void> {
  await until(
    'the events are taken',
    async () => {
      const status = await rig.product.post(events, { signal: AbortSignal.timeout(10_000) }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 202) return true;
      refused(String(status));
      await pause(500);
      return false;
    },
    HEALED_WITHIN_S,
  );
}

/** One logical message (Message-ID) for each parent: a crash may send it twice. */
function mailed(rig: DrillRig, school: ASchool, slots: number): { missing: number; doubled: number } {
  let [missing, doubled] = [0, 0];
  for (let n = 1; n <= slots; n += 1) {
    const mails = rig.sandbox.mailbox.to(school.parent(n).email).filter(({ attachments }) => attachments.length > 0);
    const messages = new Set(mails.map(({ messageId }) => messageId)).size;
    if (messages === 0) missing += 1;
    if (messages > 1) doubled += 1;
  }
  return { missing, doubled };
}

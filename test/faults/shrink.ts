import type { History } from './plan.js';

/** Leaves out steps as long as the history still fails: halves first, then single ones. */
export async function shrink(history: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  let { steps } = history;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < steps.length;) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      if (await fails({ ...history, steps: fewer })) steps = fewer;
      else at += size;
    }
  }
  return { ...history, steps };
}

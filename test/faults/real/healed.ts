import { brokenPromises, differences } from './check.js';
import type { Scene } from './scene.js';

const LOOK_MS = 400;
const VISIT_MS = 2_000;

/**
 * The time of invariant 9, whole: steps back after a provider's error, the hold of a retry and the silence after which a
 * connection is given up do not scale with the timers, nor does a machine that has other work to do. How long it really
 * took stands in the results.
 */
const HEALS_WITHIN_MS = 120_000;

export interface Healing {
  readonly ms: number;
  readonly violations: readonly string[];
}

/**
 * The faults are over: every owner visits, and again as an open page does, until each slot is as wished. What is not so
 * within the time is a violation, and so is whatever may never have happened.
 */
export async function healed(scenes: readonly Scene[]): Promise<Healing> {
  const started = performance.now();
  let visitedAt = -Infinity;
  for (;;) {
    if (performance.now() - visitedAt > VISIT_MS) {
      visitedAt = performance.now();
      await Promise.all(scenes.map((scene) => scene.visit()));
    }
    const left = await Promise.all(scenes.map((scene) => differences(scene).catch((error: Error) => [error.message])));
    const ms = performance.now() - started;
    if (left.every((found) => found.length === 0)) return { ms, violations: scenes.flatMap(broken) };
    if (ms > HEALS_WITHIN_MS) {
      const late = left.flatMap((found, place) =>
        found.map((what) => `${nameOf(scenes[place]!)}: after ${Math.round(ms / 1000)} s ${what}`),
      );
      return { ms, violations: [...late, ...scenes.flatMap(broken)] };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const nameOf = ({ school, dice }: Scene) => `${school.id} (seed ${dice.seed})`;

const broken = (scene: Scene) => brokenPromises(scene).map((what) => `${nameOf(scene)}: ${what}`);

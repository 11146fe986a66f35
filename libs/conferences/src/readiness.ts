import type { Counts } from './views.js';

export type Light = 'green' | 'amber' | 'red';

/** When an evening is looked at, in minutes before its first slot ahead. */
export const CHECKPOINTS = [
  { name: '7 days', minutes: 7 * 24 * 60 },
  { name: '24 hours', minutes: 24 * 60 },
  { name: '2 hours', minutes: 120 },
  { name: '15 minutes', minutes: 15 },
] as const;

/** The checkpoint that was passed last; null while the evening is more than a week away. */
export const checkpointOf = (minutesAhead: number): (typeof CHECKPOINTS)[number]['name'] | null =>
  CHECKPOINTS.filter(({ minutes }) => minutesAhead <= minutes).at(-1)?.name ?? null;

/**
 * Green: all is ready. Red: somebody must act now, since little time is left. Amber: all between. Pure.
 * @param minutesAhead until the first slot that has no meeting could begin
 */
export function lightOf(counts: Counts, minutesAhead: number): Light {
  if (counts.ready === counts.total) return 'green';
  const needsSomebody = counts.needsOwner + counts.failed > 0;
  if (minutesAhead <= 15) return 'red';
  if (minutesAhead <= 24 * 60) return needsSomebody ? 'red' : 'amber';
  return 'amber';
}

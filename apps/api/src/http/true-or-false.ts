import { Problem } from './problem.js';

/**
 * A switch in a query or a form: `true` or `false`, off where it is absent. A mistyped one must not pass for "off".
 * @throws Problem 400
 */
export function trueOrFalse(value: unknown, name: string): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new Problem(400, `\`${name}\` must be true or false, once.`, [
    { pointer: `/${name}`, detail: 'must be true or false' },
  ]);
}

import { Checker } from '../events/checker.js';
import type { CalledRequest } from './caller.js';
import { Problem } from './problem.js';

const LONGEST_REASON = 500;
export const NO_REASON = 'not given';

/**
 * Why staff look at somebody's data: the header `X-Reason` (UTF-8), or `?reason=`. Nobody is refused for giving none: the
 * entry then says so, and the privacy officer can ask.
 * @throws Problem 422 for one that is too long or no text
 */
export function reasonOf(request: CalledRequest): string {
  const header = request.headers['x-reason'];
  const given: unknown =
    typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8') : request.query['reason'];
  if (given === undefined || given === '') return NO_REASON;
  const check = new Checker('');
  const reason = check.text(given, '/reason', 1, LONGEST_REASON);
  if (check.faults.length > 0) throw new Problem(422, 'The reason cannot be written down.', check.faults);
  return reason;
}

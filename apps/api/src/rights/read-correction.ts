import type { Correction } from '#libs/conferences';
import { Checker, isObject } from '../events/checker.js';
import { Problem } from '../http/problem.js';

/**
 * Reads what somebody puts right: by the rules of events, and on one line each, in a language that is one. Unknown members
 * are ignored.
 * @throws Problem 422 with every fault at once
 */
export function readCorrection(body: unknown): Correction {
  const check = new Checker('');
  const given = isObject(body) ? body : {};
  if (!isObject(body)) check.fault('', 'must be a JSON object');
  const has = (name: string) => given[name] !== undefined;
  const correction = {
    ...(has('name') && { name: check.line(given['name'], '/name', 1, 200) }),
    ...(has('email') && { email: check.typedEmail(given['email'], '/email') }),
    ...(has('locale') && { locale: check.locale(given['locale'], '/locale') }),
    // A child's name may also be taken away: null, or nothing.
    ...(has('about') && { about: given['about'] === null ? '' : check.line(given['about'], '/about', 0, 200) }),
  };
  if (check.faults.length === 0 && Object.keys(correction).length === 0)
    check.fault('', 'must hold at least one of name, email, locale, about');
  if (check.faults.length > 0) throw new Problem(422, 'The correction holds data that cannot be.', check.faults);
  return correction;
}

import { BACKENDS } from '../support/backends.js';
import { flag, oneOf, text, whole } from '../support/command-options.js';
import { SCENARIOS } from './scenarios.js';

export const USE = 'npm run faults -- --histories N --seed S [--real] [--backend redis|postgres]';

export const OPTIONS = {
  histories: whole(200, 1),
  seed: whole(1, 0),
  /** On real processes, with servers of their own, instead of the virtual clock. */
  real: flag,
  backend: oneOf(BACKENDS, 'redis'),
  trace: flag,
  shrink: flag,
  /** Runs scripted scenarios with a fault at every step instead of seeded histories; with a number only each n-th. */
  'every-step': whole(null, 1),
  /** Runs one scripted scenario as it is. */
  scenario: oneOf(Object.keys(SCENARIOS), null),
  /** An empty, migrated database to work in; without it one is started. */
  database: text,
  'stop-at-first': flag,
};

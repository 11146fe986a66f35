import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios.js';
import type { Backend } from '../support/backends.js';

export interface FaultsOptions {
  readonly histories: number;
  readonly seed: number;
  /** On real processes, with servers of their own, instead of the virtual clock. */
  readonly real: boolean;
  readonly backend: Backend;
  readonly trace: boolean;
  readonly shrink: boolean;
  /** Runs scripted scenarios with a fault at every step instead of seeded histories; with a number only each n-th. */
  readonly everyStep: number | null;
  /** Runs one scripted scenario as it is, by its name. */
  readonly scenario: string | null;
  /** An empty, migrated database to work in; without it one is started. */
  readonly database: string | null;
  readonly stopAtFirst: boolean;
}

const USE = 'npm run faults -- --histories N --seed S [--real] [--backend redis|postgres]';

/** @throws TypeError that says what is wrong: a run that tried nothing must not look like one that found nothing */
export function readOptions(args: readonly string[]): FaultsOptions {
  const { values } = parsed(args);
  const number = (name: 'histories' | 'seed' | 'every-step', least: number) => {
    const value = Number(values[name]);
    if (/^\d+$/.test(values[name]!) && Number.isSafeInteger(value) && value >= least) return value;
    throw new TypeError(`--${name} must be a whole number from ${least} on, and is "${values[name]}". ${USE}`);
  };
  const { backend } = values;
  if (backend !== 'redis' && backend !== 'postgres')
    throw new TypeError(`--backend must be redis or postgres, and is "${backend}". ${USE}`);
  return {
    histories: number('histories', 1),
    seed: number('seed', 0),
    real: values.real,
    backend,
    trace: values.trace,
    shrink: values.shrink,
    everyStep: values['every-step'] === undefined ? null : number('every-step', 1),
    scenario: scenarioOf(values.scenario),
    database: values.database ?? null,
    stopAtFirst: values['stop-at-first'],
  };
}

function scenarioOf(name: string | undefined): string | null {
  if (name === undefined || name in SCENARIOS) return name ?? null;
  throw new TypeError(`--scenario must be one of: ${Object.keys(SCENARIOS).join('; ')}.`);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        histories: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        real: { type: 'boolean', default: false },
        backend: { type: 'string', default: 'redis' },
        trace: { type: 'boolean', default: false },
        shrink: { type: 'boolean', default: false },
        'every-step': { type: 'string' },
        scenario: { type: 'string' },
        database: { type: 'string' },
        'stop-at-first': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new TypeError(`${(error as Error).message.split('\n')[0]} ${USE}`);
  }
}

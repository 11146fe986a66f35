import { GOOGLE_ERRORS, type ErrorAnswer, type GoogleErrorName } from './google-errors.js';
import { MICROSOFT_ERRORS, type MicrosoftErrorName } from './microsoft-errors.js';
import type { SandboxProvider } from './provider.js';
import type { Random } from './random.js';

/** Faults of the wire: no answer at all, a cut connection, a gateway's HTML page, and slowness alone. */
export const WIRE_FAULTS = ['silence', 'reset', 'html.502', 'html.503', 'slow'] as const;
/** What a mail server can do to a message. `drop` with `afterEffect` loses the reply to DATA: the mail has arrived. */
export const SMTP_FAULTS = ['smtp.451', 'smtp.550', 'smtp.drop'] as const;

type WireFault = (typeof WIRE_FAULTS)[number];
type SmtpFault = (typeof SMTP_FAULTS)[number];
export type FaultName = GoogleErrorName | MicrosoftErrorName | WireFault | SmtpFault;

export const FAULT_NAMES: readonly FaultName[] = [
  ...(Object.keys(GOOGLE_ERRORS) as GoogleErrorName[]),
  ...(Object.keys(MICROSOFT_ERRORS) as MicrosoftErrorName[]),
  ...WIRE_FAULTS,
  ...SMTP_FAULTS,
];

export interface FaultRule {
  id: string;
  /** All that is named must fit. `operation` fits itself and what is under it: `events` fits `events.insert`. */
  match?: { provider?: SandboxProvider; operation?: string; account?: string };
  fault: FaultName;
  /** Probability in 0..1; 1 when absent. */
  rate?: number;
  /** Fires at most so often; without end when absent. */
  times?: number;
  /** A number is sent as seconds, fractions too; a string as it is: an HTTP date. */
  retryAfter?: number | string;
  /** The write happens, only its answer is lost. */
  afterEffect?: boolean;
  latencyMs?: number;
}

export interface FaultRequest {
  provider: SandboxProvider;
  operation: string;
  account: string | undefined;
}

/** The switches. Rules are tried in the order in which they were set; the first that fires decides. */
export class Faults {
  readonly #rules = new Map<string, { rule: FaultRule; matched: number; fired: number }>();

  constructor(private readonly random: Random) {}

  /** Adds a rule, or replaces the one with its id. Throws a TypeError for a fault that is not known. */
  set(rule: FaultRule): void {
    if (!FAULT_NAMES.includes(rule.fault)) {
      throw new TypeError(`No fault is called "${rule.fault}". Known: ${FAULT_NAMES.join(', ')}`);
    }
    this.#rules.set(rule.id, { rule, matched: 0, fired: 0 });
  }

  /** Replaces all rules. */
  replace(rules: readonly FaultRule[]): void {
    this.clear();
    for (const rule of rules) this.set(rule);
  }

  remove(id: string): void {
    this.#rules.delete(id);
  }

  clear(): void {
    this.#rules.clear();
  }

  list(): (FaultRule & { fired: number })[] {
    return [...this.#rules.values()].map(({ rule, fired }) => ({ ...rule, fired }));
  }

  /** How often each rule fired, by its id. */
  fired(): Record<string, number> {
    return Object.fromEntries([...this.#rules.values()].map(({ rule, fired }) => [rule.id, fired]));
  }

  /** The rule that this request meets, if any; counts it. `may` leaves out rules that cannot act at this moment. */
  meet(request: FaultRequest, may: (rule: FaultRule) => boolean = () => true): FaultRule | undefined {
    for (const state of this.#rules.values()) {
      const { rule } = state;
      if (!fits(rule, request) || !may(rule) || state.fired >= (rule.times ?? Infinity)) continue;
      state.matched += 1;
      if (this.random.fraction(`fault ${rule.id}`) >= (rule.rate ?? 1)) continue;
      state.fired += 1;
      return rule;
    }
    return undefined;
  }
}

const fits = (rule: FaultRule, { provider, operation, account }: FaultRequest): boolean => {
  const { match = {}, fault } = rule;
  return (
    (match.provider === undefined || match.provider === provider) &&
    (match.operation === undefined
      ? isTokenFault(fault) <= isTokenOperation(operation)
      : operation === match.operation || operation.startsWith(`${match.operation}.`)) &&
    (match.account === undefined || match.account.toLowerCase() === account?.toLowerCase()) &&
    speaks(provider, fault)
  );
};

/** Without a named operation, a fault of the token endpoint hits token requests only. */
const isTokenFault = (fault: FaultName): boolean => fault.startsWith('oauth.');
const isTokenOperation = (operation: string): boolean => operation.startsWith('token') || operation === 'revoke';

/** No provider ever sends the error of another. */
const speaks = (provider: SandboxProvider, fault: FaultName): boolean => {
  if (fault === 'slow') return true;
  if (fault.startsWith('smtp.')) return provider === 'smtp';
  if (fault in GOOGLE_ERRORS) return provider === 'google';
  return fault in MICROSOFT_ERRORS ? provider === 'microsoft' : provider !== 'smtp';
};

const html = (status: number, title: string): ErrorAnswer => ({
  status,
  body: `<!DOCTYPE html><html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>`,
});

const ANSWERS: Partial<Record<string, ErrorAnswer>> = {
  ...GOOGLE_ERRORS,
  ...MICROSOFT_ERRORS,
  'html.502': html(502, 'Bad Gateway'),
  'html.503': html(503, 'Service Unavailable'),
};

/** The answer of a fault that has one: not those of the wire and of mail. */
export const errorAnswer = (fault: FaultName): ErrorAnswer | undefined => ANSWERS[fault];

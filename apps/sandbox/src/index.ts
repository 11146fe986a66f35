export { startSandbox } from './sandbox.js';
export type { Sandbox, SandboxOptions } from './sandbox.js';
export { FAULT_NAMES } from './world/faults.js';
export type { FaultName, FaultRule } from './world/faults.js';
export type { LedgerEntry, LedgerRequest, Violation } from './world/ledger.js';

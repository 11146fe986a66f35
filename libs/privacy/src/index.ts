export { AUDIT_ACTIONS, type AuditAction, type AuditActor, type AuditEntry } from './audit/audit-entry.js';
export { recordAudit } from './audit/record-audit.js';
export { chainEntries, chainHead, unchainedSchools } from './audit/chain-entries.js';
export { holdAudit } from './audit/hold-audit.js';
export { CheckpointWriter, type AuditHeld } from './audit/checkpoint-writer.js';
export { CHECKPOINT_FILE, type RestoreRecord } from './audit/checkpoint.js';
export { ENDS_FILE } from './audit/chain-ends.js';
export { listAudit, type AuditFilter, type AuditView } from './audit/list-audit.js';
export {
  auditedSchools,
  strayCheckpoints,
  verifyAudit,
  type AuditFault,
  type AuditRestore,
  type AuditVerdict,
} from './audit/verify-audit.js';
export { appendLine } from './ledger/append-line.js';
export { ledgerDirFault } from './ledger/ledger-dir-fault.js';
export { ledgerFault } from './ledger/ledger-fault.js';
export { readLines } from './ledger/read-lines.js';
export { signingKeysOf, type SigningKeys } from './ledger/signing-keys.js';
export { ErasureLedger, LEDGER_FILE, type LedgerEntry } from './ledger/erasure-ledger.js';
export { publicJwks } from './ledger/public-jwks.js';
export { signReceipt, type ErasureReceipt } from './erasure/erasure-receipt.js';
export { PERIODS, daysAfter, daysBefore } from './retention/periods.js';
export { ledgerFolder } from './ledger/ledger-folder.js';
export { REGISTER, registerFaults, whatWeStore, type StoredColumn } from './what-we-store/what-we-store.js';
export { STORE_LOCALES, type StoreLocale, type StoredTable } from './what-we-store/stored-table.js';
export { privacyDocuments } from './what-we-store/privacy-documents.js';
export {
  SESSION_SECONDS,
  endSession,
  endSessionsAtSchool,
  endSessionsEverywhere,
  endedSessions,
  type ClaimedSession,
} from './sessions/ended-sessions.js';

export { AUDIT_ACTIONS, type AuditAction, type AuditActor, type AuditEntry } from './audit/audit-entry.js';
export { recordAudit } from './audit/record-audit.js';
export { appendLine } from './ledger/append-line.js';
export { ledgerFault } from './ledger/ledger-fault.js';
export { signingKeysOf, type SigningKeys } from './ledger/signing-keys.js';

import { processingAgreement } from './processing-agreement.js';
import { processingRecord } from './processing-record.js';

/** The documents that are made from the tables, by their path. */
export const privacyDocuments = async (): Promise<Readonly<Record<string, string>>> => ({
  'docs/privacy/processing-record.md': await processingRecord(),
  'docs/privacy/processing-agreement.md': await processingAgreement(),
});

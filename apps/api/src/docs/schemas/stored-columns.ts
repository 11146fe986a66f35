import type { JsonSchema } from '../openapi-types.js';
import { list, object, text } from './json-schema.js';

/** What we store at all, and why. */
export const STORED_COLUMNS: Readonly<Record<string, JsonSchema>> = {
  StoredColumns: object({
    rows: list(
      object({
        table: text(''),
        column: text(''),
        about: text('what the table is for'),
        purpose: text('what the column is for'),
        basis: text('the legal ground'),
        retention: text('until when'),
        personal: { enum: ['yes', 'id', 'no'] },
        sealed: { type: 'boolean' },
      }),
    ),
  }),
};

import type { JsonSchema } from '../openapi-types.js';
import { AUDIT } from './audit.js';
import { COMMON } from './common.js';
import { CONFERENCES } from './conferences.js';
import { ERASURES } from './erasures.js';
import { EVENTS } from './events.js';
import { FORMS } from './forms.js';
import { HEALTH } from './health.js';
import { INCOMING_EVENTS } from './incoming-events.js';
import { OUTGOING_EVENTS } from './outgoing-events.js';
import { PERSONAL_DATA } from './personal-data.js';
import { PROGRESS } from './progress.js';
import { STORED_COLUMNS } from './stored-columns.js';
import { VISITS } from './visits.js';

/** Every schema by name, in JSON Schema 2020-12. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ...COMMON,
  ...INCOMING_EVENTS,
  ...ERASURES,
  ...EVENTS,
  ...CONFERENCES,
  ...PROGRESS,
  ...VISITS,
  ...FORMS,
  ...PERSONAL_DATA,
  ...AUDIT,
  ...STORED_COLUMNS,
  ...HEALTH,
  ...OUTGOING_EVENTS,
};

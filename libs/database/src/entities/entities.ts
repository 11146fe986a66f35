import { AuditEntryRow } from './audit.js';
import { DataKey, KeyCanary } from './data-keys.js';
import { Delivery } from './deliveries.js';
import { Dispatch, Pause } from './dispatches.js';
import { ErasedPerson, Erasure } from './erasures.js';
import { IdempotencyKey, InboxEvent } from './inbox.js';
import { LoginEpoch, SpentToken } from './logins.js';
import { Calendar, Conference, Meeting } from './meetings.js';
import { Evening, Person, School } from './schools.js';
import { UpkeepRun } from './upkeep.js';
import { JoinLink, Timeslot, TimeslotParent } from './timeslots.js';

/**
 * All tables, for MikroORM. Natural keys (school, id) come from the parent-meetings module, so that a batch of events needs
 * no look-up before it writes. Each column has an entry in libs/privacy/src/what-we-store: a test fails without.
 */
export const ENTITIES = [
  School,
  Evening,
  Person,
  DataKey,
  KeyCanary,
  Timeslot,
  TimeslotParent,
  JoinLink,
  Conference,
  Meeting,
  Calendar,
  Dispatch,
  Pause,
  Delivery,
  InboxEvent,
  AuditEntryRow,
  SpentToken,
  LoginEpoch,
  IdempotencyKey,
  Erasure,
  ErasedPerson,
  UpkeepRun,
];

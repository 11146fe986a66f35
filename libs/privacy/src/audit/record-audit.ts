import { randomUUID } from 'node:crypto';
import type { BlindIndex, Sealed } from '#libs/encryption';
import { type Columns, type DataKeys, type Em, type KeyOwner, bulkInsert } from '#libs/database';
import type { AuditEntry } from './audit-entry.js';
import { actorContext, aboutContext } from './audit-seals.js';
import { tagOf } from './person-tag.js';

interface Row {
  id: string;
  schoolId: string;
  at: Date;
  action: string;
  actorKind: string;
  actorTag: Buffer | null;
  actorSealed: Sealed | null;
  subjectTag: Buffer | null;
  aboutSealed: Sealed | null;
}

const ROW: Columns<Row> = {
  id: 'uuid',
  schoolId: 'text',
  at: 'timestamptz',
  action: 'text',
  actorKind: 'text',
  actorTag: 'bytea',
  actorSealed: 'text',
  subjectTag: 'bytea',
  aboutSealed: 'text',
};

/**
 * Writes down what is done, in the transaction that does it (R12): one statement for any number of entries, and no lock;
 * the chain is closed over them shortly after. The actor is sealed with the actor's key, everything else with the key of
 * the person that it is about, or with the school's: who is erased can be read in no entry any more, and the chain, which
 * is over the ciphertext, still verifies. A person without a key gets one, so name nobody whose key was just destroyed.
 */
export async function recordAudit(
  em: Em,
  deps: { readonly keys: DataKeys; readonly index: BlindIndex; readonly now: Date },
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await deps.keys.load(em, entries.flatMap(ownersOf));
  const made = await Promise.all(entries.map((entry) => rowOf(deps, entry)));
  await bulkInsert(em, 'audit_entries', ROW, ['id'], made);
}

const ownersOf = (entry: AuditEntry): KeyOwner[] => [
  { school: entry.schoolId, ...(entry.subjectId !== undefined && { person: entry.subjectId }) },
  ...(entry.actor.id === undefined ? [] : [{ school: entry.schoolId, person: entry.actor.id }]),
];

async function rowOf(
  { keys, index, now }: { keys: DataKeys; index: BlindIndex; now: Date },
  entry: AuditEntry,
): Promise<Row> {
  const { schoolId, actor, subjectId, timeslotId, reason, detail } = entry;
  const id = randomUUID();
  // Who was erased has no key any more, and is named in no entry: the rest of what is told stays.
  const isKnown = (person: string | undefined): person is string =>
    person !== undefined && keys.isHeld({ school: schoolId, person });
  const subject = isKnown(subjectId) ? subjectId : undefined;
  const about = { person: subject, timeslot: timeslotId, reason, detail };
  const isAbout = Object.values(about).some((value) => value !== undefined);
  const tag = (personId: string | undefined) =>
    !isKnown(personId) ? null : tagOf(index, keys.refOf({ school: schoolId, person: personId }));
  return {
    id,
    schoolId,
    at: now,
    action: entry.action,
    actorKind: actor.kind,
    actorTag: tag(actor.id),
    actorSealed: !isKnown(actor.id)
      ? null
      : await keys.seal(JSON.stringify({ id: actor.id, role: actor.role }), actorContext(id, schoolId, actor.id)),
    subjectTag: tag(subject),
    aboutSealed: isAbout ? await keys.seal(JSON.stringify(about), aboutContext(id, schoolId, subject)) : null,
  };
}

import type { BlindIndex, Sealed } from '#libs/encryption';
import { type DataKeys, type Em, rows, sql } from '#libs/database';
import { aboutContext, actorContext } from './audit-seals.js';
import { tagOf } from './person-tag.js';

/** One entry, opened. What belonged to an erased person is null, and `erased` says so. */
export interface AuditView {
  readonly sequence: number;
  readonly at: Date;
  readonly action: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly role: string | null };
  readonly person: string | null;
  readonly timeslot: string | null;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly erased: boolean;
}

export interface AuditFilter {
  /** Who did it, or whom it is about. */
  readonly person?: string;
  /** Whom it is about. */
  readonly subject?: string;
  readonly action?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** Entries before this place in the chain. */
  readonly before?: number;
}

interface Row {
  readonly id: string;
  readonly sequence: number;
  readonly at: Date;
  readonly action: string;
  readonly actorKind: string;
  readonly actorTag: Buffer | null;
  readonly actorSealed: Sealed | null;
  readonly subjectTag: Buffer | null;
  readonly aboutSealed: Sealed | null;
}

/** A school's chained entries, newest first, as far as their keys are there. */
export async function listAudit(
  em: Em,
  { keys, index }: { readonly keys: DataKeys; readonly index: BlindIndex },
  schoolId: string,
  filter: AuditFilter,
  limit: number,
): Promise<AuditView[]> {
  const people = await peopleByTag(em, index, schoolId);
  const tags = new Map([...people].map(([tag, person]) => [person, Buffer.from(tag, 'hex')]));
  const person = filter.person === undefined ? undefined : tags.get(filter.person);
  const subject = filter.subject === undefined ? undefined : tags.get(filter.subject);
  if ((filter.person !== undefined && !person) || (filter.subject !== undefined && !subject)) return [];
  const found = await rows(
    em,
    sql<Row>`select id, sequence, at, action, actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed
    from audit_entries where school_id = ${schoolId} and sequence is not null
      ${person ? sql`and (actor_tag = ${person} or subject_tag = ${person})` : sql``}
      ${subject ? sql`and subject_tag = ${subject}` : sql``}
      ${filter.action === undefined ? sql`` : sql`and action = ${filter.action}`}
      ${filter.from ? sql`and at >= ${filter.from}` : sql``} ${filter.to ? sql`and at < ${filter.to}` : sql``}
      ${filter.before === undefined ? sql`` : sql`and sequence < ${filter.before}`}
    order by sequence desc limit ${limit}`,
  );
  const personOf = (tag: Buffer | null) => (tag === null ? null : (people.get(tag.toString('hex')) ?? null));
  const named = new Set(
    found.flatMap((row) => [personOf(row.actorTag), personOf(row.subjectTag)]).filter((id) => id !== null),
  );
  const has = await keys.loadKnown(em, [
    { school: schoolId },
    ...[...named].map((id) => ({ school: schoolId, person: id })),
  ]);
  return Promise.all(
    found.map(async (row): Promise<AuditView> => {
      const actorId = personOf(row.actorTag);
      const subjectId = personOf(row.subjectTag);
      const isActorThere = actorId !== null && has({ school: schoolId, person: actorId });
      const isAboutThere =
        row.subjectTag === null
          ? has({ school: schoolId })
          : subjectId !== null && has({ school: schoolId, person: subjectId });
      const actor =
        row.actorSealed && isActorThere
          ? await opened<{ id: string; role?: string }>(keys, row.actorSealed, actorContext(row.id, schoolId, actorId))
          : null;
      const about =
        row.aboutSealed && isAboutThere
          ? await opened<About>(keys, row.aboutSealed, aboutContext(row.id, schoolId, subjectId ?? undefined))
          : null;
      return {
        sequence: row.sequence,
        at: row.at,
        action: row.action,
        actor: { kind: row.actorKind, id: actor?.id ?? null, role: actor?.role ?? null },
        person: about?.person ?? null,
        timeslot: about?.timeslot ?? null,
        reason: about?.reason ?? null,
        detail: about?.detail ?? null,
        erased: (row.actorSealed !== null && !actor) || (row.aboutSealed !== null && !about),
      };
    }),
  );
}

interface About {
  readonly person?: string;
  readonly timeslot?: string;
  readonly reason?: string;
  readonly detail?: Record<string, unknown>;
}

const opened = async <T>(keys: DataKeys, sealed: Sealed, context: ReturnType<typeof actorContext>): Promise<T> =>
  JSON.parse((await keys.open(sealed, context)).reveal()) as T;

/** Who stands behind a tag: whoever of this school still has a key. */
async function peopleByTag(em: Em, index: BlindIndex, schoolId: string): Promise<Map<string, string>> {
  const found = await rows(
    em,
    sql<{
      personId: string;
      ref: string;
    }>`select person_id, ref from data_keys where school_id = ${schoolId} and person_id <> ''`,
  );
  return new Map(found.map(({ personId, ref }) => [tagOf(index, ref).toString('hex'), personId]));
}

import {
  isSamePeople,
  isSameTime,
  planParentNotice,
  toldAfter,
  type ParentNoticeKind,
  type SlotFact,
  type Told,
} from './plan-parent-notice.js';

/** What is known of one parent and one slot. They differ exactly while one message is unsent and was never attempted. */
export interface Memory {
  /** What the last attempted message says. */
  readonly heard: Told | null;
  /** What the last planned message says. */
  readonly told: Told | null;
}

export interface NextNotice {
  /** The unsent message says something else: it is dropped before it leaves. */
  readonly supersedes: boolean;
  /** The message to plan; null: none, what was heard is true. */
  readonly kind: ParentNoticeKind | null;
  readonly told: Told | null;
}

/**
 * A storm of changes becomes one message: what is planned follows from what was heard, not from what was planned and
 * never left. Null: nothing to do, what is unsent (if anything is) says what is so.
 */
export function nextNotice({ heard, told }: Memory, fact: SlotFact): NextNotice | null {
  const kind = planParentNotice(heard, fact);
  const wanted = kind === null ? heard : toldAfter(heard, kind, fact);
  if (saysTheSame(told, wanted)) return null;
  return { supersedes: !saysTheSame(told, heard), kind, told: wanted };
}

/**
 * What becomes of a message that was attempted before, whose outcome is not known, and that is due again. It is written
 * from what is true now, and what was heard stays what the first attempt said: so it is sent only while both are the
 * same. If not, nobody could tell later which of the two its receiver believes.
 */
export function retryOf(kind: ParentNoticeKind, heard: Told | null, fact: SlotFact): 'send' | 'wait' | 'overtaken' {
  if (kind === 'cancelled') return fact.cancelled ? 'send' : 'overtaken';
  if (kind === 'video-removed') return fact.unwanted && !fact.cancelled ? 'send' : 'overtaken';
  if (fact.cancelled || fact.unwanted) return 'overtaken';
  if (!fact.published) return 'wait';
  return heard !== null && isSameTime(heard, fact) && isSamePeople(heard, fact) ? 'send' : 'overtaken';
}

const saysTheSame = (one: Told | null, other: Told | null) =>
  one === null || other === null ? one === other : gist(one) === gist(other);

const gist = (told: Told) =>
  JSON.stringify([
    told.cancelled,
    told.removed === true,
    told.start.getTime(),
    told.end.getTime(),
    told.teacherId,
    told.ownerUnnamed === true ? 'a colleague' : (told.ownerId ?? null),
    told.unsure === true,
  ]);

/** What a mail to a parent is about. Each has its own subject and first sentence in every language. */
export const PARENT_NOTICE_KINDS = ['ready', 'changed', 'cancelled', 'video-removed', 'planned-again'] as const;
export type ParentNoticeKind = (typeof PARENT_NOTICE_KINDS)[number];

/** What a message to one parent about one slot says. Null where there never was one. */
export interface Told {
  /** True after `cancelled` and after `video-removed`: this parent believes that there is no video conference. */
  readonly cancelled: boolean;
  /** Beside `cancelled`: it was `video-removed`. */
  readonly removed?: boolean;
  readonly start: Date;
  readonly end: Date;
  readonly teacherId: string;
  /** Who will be there: the owner of the published meeting (P9). Undefined in messages of before this was told. */
  readonly ownerId?: string | null;
  /** It says "a colleague": no event had named that owner, who is not the teacher. */
  readonly ownerUnnamed?: boolean;
  /** The start that this parent believed in before; null where it is the same, or the first. */
  readonly previousStart?: Date | null;
  /** It was attempted and given up, and nobody knows whether it arrived: whatever is true now must be told anew. */
  readonly unsure?: boolean;
}

/** How one slot stands now, for a parent who is assigned to it. */
export interface SlotFact {
  /** A working meeting URL is stored and its host was checked (P8). */
  readonly published: boolean;
  /** The school cancelled the slot. */
  readonly cancelled: boolean;
  /** The video conference is no longer wanted while the slot stays. */
  readonly unwanted: boolean;
  readonly start: Date;
  readonly end: Date;
  readonly teacherId: string;
  /** Who will be there: the owner of the published meeting, or a new teacher who replaces it; null where none is published. */
  readonly ownerId: string | null;
  /** No event named that owner, who is not the teacher: parents read "a colleague". */
  readonly ownerUnnamed: boolean;
  /** A meeting that will replace the published one is being made, and nothing is in its way. */
  readonly replacing: boolean;
  /** The slot lies behind us. */
  readonly over: boolean;
}

/**
 * What must one parent of one slot hear now? Null: nothing. It compares what was heard with what is, so that late,
 * doubled and reordered events need no care, and several changes at once make one message. A new meeting URL behind
 * the same join link is no change that a parent can see. While a replacement is being made, another teacher or owner
 * is held back: the replacement brings an owner of its own, and both are told at once; a new time cannot wait.
 */
export function planParentNotice(heard: Told | null, fact: SlotFact): ParentNoticeKind | null {
  if (fact.over) return null;
  const mayBelieveInVideo = heard !== null && (!heard.cancelled || heard.unsure === true);
  if (fact.cancelled) return mayBelieveInVideo ? 'cancelled' : null;
  if (fact.unwanted) return mayBelieveInVideo ? 'video-removed' : null;
  if (!fact.published) return null;
  if (heard === null) return 'ready';
  if (heard.cancelled) return 'planned-again';
  if (heard.unsure === true || !isSameTime(heard, fact)) return 'changed';
  if (isSamePeople(heard, fact)) return null;
  return fact.replacing ? null : 'changed';
}

/** What the parent has been told by the message of this kind. */
export function toldAfter(heard: Told | null, kind: ParentNoticeKind, fact: SlotFact): Told {
  const wasAtAnotherTime = heard !== null && heard.start.getTime() !== fact.start.getTime();
  return {
    cancelled: kind === 'cancelled' || kind === 'video-removed',
    removed: kind === 'video-removed',
    start: fact.start,
    end: fact.end,
    teacherId: fact.teacherId,
    ownerId: fact.ownerId,
    ownerUnnamed: fact.ownerUnnamed,
    previousStart: wasAtAnotherTime ? heard.start : null,
  };
}

export const isSameTime = (told: Told, fact: Pick<Told, 'start' | 'end'>) =>
  told.start.getTime() === fact.start.getTime() && told.end.getTime() === fact.end.getTime();

/** One colleague for another is no change to a parent who read "a colleague", and would again. */
export const isSamePeople = (told: Told, fact: SlotFact) =>
  told.teacherId === fact.teacherId &&
  (told.ownerId === undefined || told.ownerId === fact.ownerId || (told.ownerUnnamed === true && fact.ownerUnnamed));

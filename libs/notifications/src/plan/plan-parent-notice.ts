/** What a mail to a parent is about. Each has its own subject and first sentence in every language. */
export const PARENT_NOTICE_KINDS = ['ready', 'changed', 'cancelled', 'video-removed', 'planned-again'] as const;
export type ParentNoticeKind = (typeof PARENT_NOTICE_KINDS)[number];

/** What the last message planned for one parent and one slot said. Null where there never was one. */
export interface Told {
  /** True after `cancelled` and after `video-removed`: this parent believes that there is no video conference. */
  readonly cancelled: boolean;
  readonly start: Date;
  readonly end: Date;
  readonly teacherId: string;
  /** SEQUENCE of that message's calendar file; the first message has 0. */
  readonly sequence: number;
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
  /** The slot lies behind us. */
  readonly over: boolean;
}

/**
 * What must one parent of one slot hear now? Null: nothing. It compares what was said with what is, so that late,
 * doubled and reordered events need no care, and several changes at once make one message. A new meeting URL behind
 * the same join link is no change that a parent can see.
 */
export function planParentNotice(told: Told | null, fact: SlotFact): ParentNoticeKind | null {
  if (fact.over) return null;
  const believesInVideo = told !== null && !told.cancelled;
  if (fact.cancelled) return believesInVideo ? 'cancelled' : null;
  if (fact.unwanted) return believesInVideo ? 'video-removed' : null;
  if (!fact.published) return null;
  if (told === null) return 'ready';
  if (told.cancelled) return 'planned-again';
  return looksTheSame(told, fact) ? null : 'changed';
}

/** What the parent has been told once the message of this kind is planned. Sequences rise by one per message. */
export function toldAfter(told: Told | null, kind: ParentNoticeKind, fact: SlotFact): Told {
  return {
    cancelled: kind === 'cancelled' || kind === 'video-removed',
    start: fact.start,
    end: fact.end,
    teacherId: fact.teacherId,
    sequence: told === null ? 0 : told.sequence + 1,
  };
}

const looksTheSame = (told: Told, fact: SlotFact) =>
  told.start.getTime() === fact.start.getTime() &&
  told.end.getTime() === fact.end.getTime() &&
  told.teacherId === fact.teacherId;

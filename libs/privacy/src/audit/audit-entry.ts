/** What can be done to, or seen of, personal data. Closed words: a new one is added here and nowhere else. */
export const AUDIT_ACTIONS = [
  'event.taken-in',
  'event.looked-at',
  'conference.wanted',
  'conference.removed',
  'conference.retried',
  'conference.taken-over',
  'evening.looked-at',
  'evening.cleaned',
  'person.looked-at',
  'person.exported',
  'person.corrected',
  'erasure.requested',
  'erasure.looked-at',
  'erasure.finished',
  'retention.noticed',
  'retention.deleted',
  'audit.looked-at',
  'audit.verified',
  'ops.looked-at',
  'queues.looked-at',
  'queues.changed',
  'keys.rotated',
  'sessions.ended',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did it: a person with the role that let them, the product by itself, or a program that signed. */
export interface AuditActor {
  readonly kind: 'person' | 'system' | 'program';
  readonly id?: string;
  readonly role?: string;
}

/** One thing that was done or seen. Everything but the action, the school and the kind of actor is stored sealed. */
export interface AuditEntry {
  /** Empty for what ops do with the product as a whole. */
  readonly schoolId: string;
  readonly action: AuditAction;
  readonly actor: AuditActor;
  /** The person that it is about. */
  readonly subjectId?: string;
  readonly timeslotId?: string;
  /** As the actor gave it; what it says is about the subject, and goes with the subject. */
  readonly reason?: string;
  /** Closed words, counts and ids; never a name, an address or a URL. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * How long what is kept, in days. The one place: what the retention deletes by, and what "what we store" and the privacy
 * page say.
 */
export const PERIODS = {
  /** R14: by law. Erasure itself begins at once; what can wait is an owner's next visit. */
  erasureDueDays: 30,
  /** An erasure that is not done by then is told to ops and to the school's privacy contacts. */
  erasureAlarmDays: [20, 27],
  /** R15: after so long without a school a person is deleted without asking. */
  withoutSchoolDays: 730,
  /** The school's privacy contacts hear of it so long before. */
  noticeDays: 30,
  /** An evening's URLs, join links and children's first names go so long after it. */
  eveningCleanUpDays: 7,
  /** A removal at the provider that waits for its owner is given up so long after the evening. */
  removalGivenUpDays: 60,
  /** Messages sent or dropped: who was told what and when. */
  deliveryDays: 90,
  /** Events seen: that an event is known, and what became of it. Below the 30 days of R14. */
  inboxDays: 28,
  /** Slots of the past, without names; what remains of an evening. */
  timeslotDays: 730,
  /** P11: wrapping keys are replaced and destroyed monthly; backups live below that. */
  backupDays: 29,
} as const;

const DAY_MS = 86_400_000;

export const daysAfter = (instant: Date, days: number) => new Date(instant.getTime() + days * DAY_MS);
export const daysBefore = (instant: Date, days: number) => daysAfter(instant, -days);

export * from './model.js';
export { afterFailure, backoffMs } from './after-failure.js';
export { joinState, joinTokensOf, lookAtJoinLink, revealMeeting, type JoinState, type JoinView } from './join.js';
export type { IncomingChange, IncomingEvent, IncomingPerson, IntakeStatus } from './take-in/incoming-event.js';
export { hashOfToken } from './join-token.js';
export { isMeetingHost } from './meeting-host.js';
export type { MeetingDeps } from './meeting-work/meeting-deps.js';
export { meetingTitle } from './meeting-work/meeting-title.js';
export { MeetingWork } from './meeting-work/meeting-work.js';
export { providerKey } from './meeting-work/provider-key.js';
export { accountContext } from './meeting-work/sealed-contexts.js';
export type { Begun, LentAccount, Outcome, Work } from './meeting-work/work.js';
export {
  contactsOf,
  eveningNameOf,
  isPresent,
  presentOf,
  profilesOf,
  schoolContacts,
  schoolOf,
  type Contact,
  type Profile,
  type SchoolView,
} from './people.js';
export { correctPerson, type Correction } from './correct-person.js';
export { personData, type PersonData } from './person-data.js';
export { CHECKPOINTS, checkpointOf, lightOf, type Light } from './readiness.js';
export { reconcile } from './reconcile.js';
export { SlotStore, slotKey, type SlotRef } from './slot-store.js';
export { STATUSES, conferenceView, progressBucket, type ConferenceStatus, type ConferenceView } from './status.js';
export { erasePerson, type ErasedCounts, type ErasureDeps, type Subject } from './erasure/erase-person.js';
export {
  erasureOf,
  erasuresOf,
  isKnownAtSchool,
  latestErasureOf,
  requestErasure,
  schoolsOfPerson,
  subjectOf,
  type ErasureRow,
  type ErasureState,
} from './erasure/erasures.js';
export { forgetOwner, meetingsLeft, providersLeft } from './erasure/own-meetings.js';
export { RunErasure, type RunErasureDeps } from './erasure/run-erasure.js';
export { cleanUpEvenings } from './retention/clean-up-evenings.js';
export { deleteOldRows } from './retention/delete-old-rows.js';
export { expirePeople, expiringAt, schoolsToLookAt, type Expiring } from './retention/people-without-school.js';
export { replayLedger } from './erasure/replay-ledger.js';
export { comesAfter } from './take-in/comes-after.js';
export { ConflictingEvent } from './take-in/never-seen.js';
export { schoolsNamedBy } from './take-in/school-of-event.js';
export { takeIn } from './take-in/take-in.js';
export { SeenMeanwhile } from './take-in/write-inbox.js';
export { ownerIsHere } from './owner-is-here.js';
export { parkedSince } from './parked-since.js';
export {
  conferenceRows,
  meetingUrlOf,
  noCounts,
  progressOf,
  slotOf,
  slotsOfEvening,
  type ConferenceRow,
  type Counts,
  type Cursor,
} from './views.js';
export { waitingFor, waitingIn, type Waiting } from './waiting.js';
export {
  NotFound,
  TakenMeanwhile,
  mayChange,
  resumeParked,
  retryConference,
  takeOver,
  unwantConference,
  wantConferences,
  type Wisher,
} from './wishes.js';

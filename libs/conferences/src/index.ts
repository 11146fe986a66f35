export * from './model.js';
export { afterFailure, backoffMs } from './after-failure.js';
export { joinState, joinTokensOf, lookAtJoinLink, revealMeeting, type JoinState, type JoinView } from './join.js';
export type { IncomingChange, IncomingEvent, IncomingPerson, IntakeStatus } from './incoming-event.js';
export { isMeetingHost } from './meeting-host.js';
export {
  MeetingWork,
  accountContext,
  meetingTitle,
  providerKey,
  type Begun,
  type LentAccount,
  type MeetingDeps,
  type Outcome,
  type Work,
} from './meeting-work.js';
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
  requestErasure,
  schoolsOfPerson,
  subjectOf,
  type ErasureRow,
  type ErasureState,
} from './erasure/erasures.js';
export { forgetOwner, meetingsLeft } from './erasure/own-meetings.js';
export { RunErasure, type RunErasureDeps } from './erasure/run-erasure.js';
export { cleanUpEvenings } from './retention/clean-up-evenings.js';
export { deleteOldRows } from './retention/delete-old-rows.js';
export { expirePeople, expiringAt, schoolsToLookAt, type Expiring } from './retention/people-without-school.js';
export { replayLedger } from './erasure/replay-ledger.js';
export { ConflictingEvent, Intake, SeenMeanwhile, comesAfter, hashOfToken, schoolsNamedBy } from './take-in.js';
export { ownerIsHere } from './owner-is-here.js';
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

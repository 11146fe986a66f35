export {
  DUE_CHANNEL,
  JOB_OF,
  QUEUES,
  clearDue,
  holdDue,
  makeDue,
  pauseLane,
  releaseDue,
  wakeRelay,
  type DueRow,
  type JobName,
  type Jobs,
  type QueueName,
} from './dispatch.js';
export { nextDueAt, takeDue, type TakenRow, unclaimedRows } from './take-due.js';
export { pubSubClient, queueConnection } from './queue-backend.js';

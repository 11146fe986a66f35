export {
  DUE_CHANNEL,
  JOB_OF,
  QUEUES,
  UNCLAIMED_MS,
  clearDue,
  holdDue,
  makeDue,
  pauseLane,
  putBack,
  releaseDue,
  wakeRelay,
  type DueRow,
  type JobName,
  type Jobs,
  type QueueName,
} from './dispatch.js';
export { nextDueAt, takeDue, type TakenRow } from './take-due.js';
export { pubSubClient, queueConnection } from './queue-backend.js';

export {
  DUE_CHANNEL,
  JOB_OF,
  QUEUES,
  clearDue,
  holdDue,
  makeDue,
  pauseLane,
  payAgain,
  putBack,
  releaseDue,
  wakeRelay,
  type DueRow,
  type JobName,
  type Jobs,
  type QueueName,
} from './dispatch.js';
export { NO_LIMIT, laneLimit, type LaneLimit } from './lane-limit.js';
export { nextDueAt, takeDue, unclaimedRows, type TakenRow } from './take-due.js';
export { limitsClient, queueConnection } from './queue-backend.js';
export { RedisWatch, redisFaultOf } from './redis-watch.js';
export { openQueue, restQueue, restsNow, type Rest } from './rests.js';

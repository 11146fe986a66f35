export { openWorker, startWorker, type OpenedWorker, type RunningWorker } from './start-worker.js';
export { startWorkerAlone } from './start-worker-alone.js';

export { startWorker, type RunningWorker } from './start-worker.js';
export { startWorkerAlone } from './start-worker-alone.js';

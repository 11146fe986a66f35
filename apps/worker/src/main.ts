import { createLogger, loadSettings, runProcess } from '#libs/platform';
import { startWorkerAlone } from './start-worker-alone.js';

await runProcess(createLogger('worker'), () => startWorkerAlone(loadSettings(process.env, 'separate-processes')));

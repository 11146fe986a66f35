import { createLogger, loadSettings, runProcess } from '#libs/platform';
import { startApiAlone } from './start-api-alone.js';

await runProcess(createLogger('api'), () => startApiAlone(loadSettings(process.env, 'separate-processes')));

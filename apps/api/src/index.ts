export { openApi, startApi, type RunningApi } from './start-api.js';

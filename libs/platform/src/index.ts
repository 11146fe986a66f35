export { StartupError } from './startup-error.js';
export { systemClock, type Clock } from './clock.js';
export { TIMERS, scaledTimers, type Timers } from './timers.js';
export {
  checkedSetting,
  environmentExample,
  loadSettings,
  ledgerDirOf,
  readSetting,
  settingFaults,
  type NamedKey,
  type Settings,
} from './settings.js';
export { SETTING_SPECS, type SettingSpec } from './setting-specs.js';
export { NestLog, createLogger, errorPlace } from './logging.js';
export { Metrics } from './metrics.js';
export { DependencyHealth, failureCode, type AwayDependency, type Dependency } from './dependency-health.js';
export { HTTP_LIMITS, limitedServer, type HttpLimits } from './http-limits.js';
export { CONNECT_MS, KEEP_ALIVE_MS, SILENT_MS, isOfThisConnection, redisOptions } from './redis-options.js';
export { StoreHealth, type StoreAway, type StoreName } from './store-health.js';
export {
  CONNECTION_LOST,
  CONNECT_TIMEOUT,
  NO_TLS,
  POOL_FULL,
  QUERY_TIMEOUT,
  STORE_FAULT_WORDS,
  isTlsFault,
  storeFault,
  type StoreFault,
  type StoreFaultKind,
} from './store-fault.js';
export { startHealthServer, type Readiness } from './health-server.js';
export { webhookKey } from './webhook-secret.js';
export { portFault } from './port-fault.js';
export { runProcess } from './run-process.js';
export { isKmsSetting, kmsArns, kmsEndpoints, kmsRegion } from './kms-setting.js';
export { isAllowedHost } from './allowed-hosts.js';

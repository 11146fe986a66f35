export { PROVIDERS } from './meeting-provider.js';
export type { MeetingProvider, MeetingSeen, MeetingWish, ProviderAccess, ProviderName } from './meeting-provider.js';
export { ProviderError } from './provider-error.js';
export type { ProviderCode, ProviderWord } from './provider-error.js';

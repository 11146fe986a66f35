import { laneLimit, NO_LIMIT, type LaneLimit, type QueueName } from '#libs/messaging';
import { PROVIDER_LIMITS, type ProviderName } from '#libs/providers';

const ofAccount = (provider: ProviderName): LaneLimit => {
  const { account, perJob, perRead } = PROVIDER_LIMITS[provider];
  return laneLimit({ ...account, perJob, perRoutineJob: perRead });
};

/** How fast the lanes of a queue go: a provider account is one lane. */
export const LANE_LIMITS: Readonly<Record<QueueName, LaneLimit>> = {
  'google-meet': ofAccount('google-meet'),
  'microsoft-teams': ofAccount('microsoft-teams'),
  deliveries: NO_LIMIT,
  erasures: NO_LIMIT,
};

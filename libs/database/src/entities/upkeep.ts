import { defineEntity, p } from '@mikro-orm/core';

/** When each task of upkeep was last begun, by whichever process: restarts and many workers keep to one pace. */
export const UpkeepRun = defineEntity({
  name: 'UpkeepRun',
  tableName: 'upkeep_runs',
  properties: {
    task: p.text().primary(),
    begunAt: p.datetime(3),
  },
});

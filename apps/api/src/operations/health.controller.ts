import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { STORE_FAULT_WORDS } from '#libs/platform';
import { Core } from '../core.js';
import { Allow } from '../http/access.js';

/** For load balancers. The API is ready while Postgres takes writes, whatever Redis and the providers do (invariant 10). */
@Controller()
export class HealthController {
  constructor(@Inject(Core) private readonly core: Core) {}

  @Get('livez')
  @Allow('public')
  alive() {
    return { status: 'alive' };
  }

  @Get('readyz')
  @Allow('public')
  async ready(@Res({ passthrough: true }) response: Response) {
    const { ready, faults } = await readiness(this.core);
    response.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not-ready', faults };
  }
}

export async function readiness(core: Core): Promise<{ ready: boolean; faults: string[] }> {
  const fault = await core.database.fault();
  return {
    ready: fault === null,
    faults: fault ? [`DATABASE_URL: Postgres (${fault.word}): ${STORE_FAULT_WORDS[fault.kind]}.`] : [],
  };
}

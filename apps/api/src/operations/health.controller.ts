import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Core } from '../core.js';
import { Allow } from '../http/access.js';

/** For load balancers. The API is ready while Postgres answers, whatever Redis and the providers do (invariant 10). */
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
  const answers = await core.database.answers();
  return { ready: answers, faults: answers ? [] : ['Postgres does not answer. Check DATABASE_URL and the server.'] };
}

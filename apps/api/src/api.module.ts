import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import { ConferencesController } from './conferences/conferences.controller.js';
import { ConferencesService } from './conferences/conferences.service.js';
import { ProgressStreams } from './conferences/progress-streams.js';
import { Core } from './core.js';
import { DocsController } from './docs/docs.controller.js';
import { EventsController } from './events/events.controller.js';
import { AccessGuard } from './http/access.js';
import { checkedPipe } from './http/checked.pipe.js';
import { HostTokens } from './http/host-tokens.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { BodiesGuard } from './http/bodies.guard.js';
import { LiveStreams } from './http/live-streams.js';
import { NamedIdPipe } from './http/named-id.pipe.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimits } from './http/rate-limits.js';
import { Sessions } from './http/sessions.js';
import { JoinController } from './join/join.controller.js';
import { EnterController } from './login/enter.controller.js';
import { LoginController } from './login/login.controller.js';
import { MeController } from './login/me.controller.js';
import { VisitsService } from './login/visits.service.js';
import { HealthController } from './operations/health.controller.js';
import { OpsController } from './operations/ops.controller.js';
import { SecurityTxtController } from './operations/security-txt.controller.js';
import { EveningModels } from './pages/evening-model.js';
import { PagesController } from './pages/pages.controller.js';
import { ErasuresController } from './rights/erasures.controller.js';
import { ErasuresService } from './rights/erasures.service.js';
import { AuditTrail } from './rights/audit-trail.js';
import { AuditController } from './rights/audit.controller.js';
import { PeopleController } from './rights/people.controller.js';
import { PeopleService } from './rights/people.service.js';
import { PrivacyController } from './rights/privacy.controller.js';
import { SessionsController } from './rights/sessions.controller.js';

/** What stands before every route, the queue dashboard's too: one of each in a process. */
export interface EdgeParts {
  readonly tokens: HostTokens;
  readonly sessions: Sessions;
  readonly limits: RateLimits;
}

/** The HTTP edge. */
@Module({})
export class ApiModule {
  static with(core: Core, { tokens, sessions, limits }: EdgeParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        EventsController,
        ConferencesController,
        MeController,
        EnterController,
        LoginController,
        JoinController,
        HealthController,
        OpsController,
        SecurityTxtController,
        ErasuresController,
        DocsController,
        PagesController,
        PeopleController,
        AuditController,
        PrivacyController,
        SessionsController,
      ],
      providers: [
        { provide: Core, useValue: core },
        { provide: HostTokens, useValue: tokens },
        { provide: Sessions, useValue: sessions },
        LiveStreams,
        { provide: RateLimits, useValue: limits },
        Reflector,
        ConferencesService,
        ProgressStreams,
        VisitsService,
        EveningModels,
        AuditTrail,
        PeopleService,
        ErasuresService,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: BodiesGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useClass: NamedIdPipe },
        { provide: APP_PIPE, useFactory: checkedPipe },
      ],
    };
  }
}

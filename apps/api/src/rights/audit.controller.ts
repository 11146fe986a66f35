import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import type { Response } from 'express';
import { AUDIT_ACTIONS, listAudit, recordAudit, verifyAudit, type AuditAction } from '#libs/privacy';
import { PageQuery } from '../conferences/bodies.js';
import { schoolId } from '../conferences/conferences.service.js';
import { Core } from '../core.js';
import { parseInstant } from '../events/checker.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { Problem } from '../http/problem.js';
import { AuditTrail, actorOf } from './audit-trail.js';
import { PeopleService } from './people.service.js';

/** `GET /v1/audit`. */
export class AuditQuery extends PageQuery {
  @IsOptional()
  @Matches(/^\d{1,15}$/, { message: 'must be what the Link header of the last answer said' })
  declare after?: string;

  @IsOptional()
  @Length(1, 128, { message: 'must have 1 to 128 characters' })
  @IsString({ message: 'must be one person id' })
  person?: string;

  @IsOptional()
  @IsIn(AUDIT_ACTIONS, { message: `must be one of ${AUDIT_ACTIONS.join(', ')}` })
  action?: AuditAction;

  @IsOptional()
  @IsString({ message: 'must be a date and time with an offset' })
  from?: string;

  @IsOptional()
  @IsString({ message: 'must be a date and time with an offset' })
  to?: string;
}

/** What staff and programs did with personal data, for the privacy officer of the school (R12). Looking is written down too. */
@Controller('v1/audit')
export class AuditController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
  ) {}

  /** Newest first: what a privacy officer asks is what was done lately. */
  @Get()
  @Allow(['privacy'])
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: AuditQuery,
    @Req() request: CalledRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    const school = schoolId(caller);
    const limit = query.limit ?? 50;
    const from = instantOf(query.from, '/from');
    const to = instantOf(query.to, '/to');
    const { reason } = caller;
    await this.people.closeChain(school);
    const filter = {
      ...(query.person !== undefined && { person: query.person }),
      ...(query.action !== undefined && { action: query.action }),
      ...(from && { from }),
      ...(to && { to }),
      ...(query.after !== undefined && { before: Number(query.after) }),
    };
    const found = await this.core.transaction([school], async (em) => {
      const deps = this.core.deps();
      const entries = await listAudit(em, deps, school, filter, limit + 1);
      await recordAudit(em, deps, [
        {
          schoolId: school,
          action: 'audit.looked-at',
          actor: actorOf(caller, 'privacy'),
          // Nobody is named of whom there is nothing to see.
          ...(query.person !== undefined && entries.length > 0 && { subjectId: query.person }),
          reason,
          detail: { shown: Math.min(limit, entries.length) },
        },
      ]);
      return entries;
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    if (found.length > limit && last) {
      const next = new URL(`${this.core.settings.appUrl}/v1/audit`);
      const { person, action } = query;
      for (const [name, value] of Object.entries({
        person,
        action,
        from: query.from,
        to: query.to,
        limit,
        after: last.sequence,
      }))
        if (value !== undefined) next.searchParams.set(name, String(value));
      response.setHeader('Link', `<${next.href}>; rel="next"`);
    }
    return { rows: shown.map((entry) => ({ ...entry, at: entry.at.toISOString() })) };
  }

  /** Is the school's audit as it was written? */
  @Get('verify')
  @Allow(['privacy'])
  async verify(@CurrentCaller() caller: Caller) {
    const school = schoolId(caller);
    const { ledger, signing } = this.core;
    const source = { folder: ledger.folder, signing };
    const verdict = await this.core.database.transaction([school], (em) =>
      verifyAudit(em, this.core.deps(), school, source),
    );
    await this.trail.note({
      schoolId: school,
      action: 'audit.verified',
      actor: actorOf(caller, 'privacy'),
      reason: caller.reason,
      detail: { ok: verdict.ok, entries: verdict.entries },
    });
    return verdict;
  }
}

function instantOf(value: string | undefined, pointer: string): Date | null {
  if (value === undefined) return null;
  const date = parseInstant(value);
  if (date) return date;
  throw new Problem(422, 'The request holds data that cannot be.', [
    { pointer, detail: 'must be a date and time with an offset, like 2026-11-24T19:10:00+01:00' },
  ]);
}

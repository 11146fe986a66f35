import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { IsBoolean, IsOptional } from 'class-validator';
import { erasureOf, requestErasure, schoolsOfPerson, type ErasureRow } from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import { erasedPersonIndex } from '#libs/encryption';
import { publicJwks, recordAudit } from '#libs/privacy';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import { hasRole, type Caller } from '../http/caller.js';
import { notFound, Problem } from '../http/problem.js';
import { erasureJson } from './erasure-json.js';

class ErasureBody {
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  everywhere?: boolean;
}

const asUuid = new ParseUUIDPipe({ exceptionFactory: notFound });

/** The right to be forgotten (R14): ask for it, and see what became of it. */
@Controller()
export class ErasuresController {
  constructor(@Inject(Core) private readonly core: Core) {}

  @Post('v1/people/:id/erasure')
  @Allow('anyone')
  @HttpCode(202)
  async request(@CurrentCaller() caller: Caller, @Param('id') personId: string, @Body() body: ErasureBody) {
    const isSelf = caller.personId === personId;
    if (caller.schoolId === null || personId.includes('\u0000') || !(isSelf || hasRole(caller, 'privacy')))
      throw notFound();
    const schools = body.everywhere && isSelf ? await this.schoolsOf(personId, caller.schoolId) : [caller.schoolId];
    const erasures: ErasureRow[] = [];
    for (const schoolId of schools) {
      const erasure = await this.ask(caller, { schoolId, personId }, body.everywhere === true && !isSelf);
      if (erasure) erasures.push(erasure);
    }
    const [first] = erasures;
    if (!first) throw notFound();
    const { appUrl } = this.core.settings;
    return {
      ...erasureJson(first, appUrl),
      ...(body.everywhere && { erasures: erasures.map((one) => erasureJson(one, appUrl)) }),
    };
  }

  @Get('v1/erasures/:id')
  @Allow('anyone')
  async look(@CurrentCaller() caller: Caller, @Param('id', asUuid) id: string) {
    const erasure = await this.core.database.transaction(schoolsOf.erasure(id), (em) => erasureOf(em, id));
    if (!erasure) throw notFound();
    const { keys, index, now } = this.core.deps();
    // Nothing of the person is left to compare with but the keyed hash.
    const isSelf = erasedPersonIndex(index, erasure.schoolId, caller.personId).equals(erasure.personIndex);
    const isPrivacy = hasRole(caller, 'privacy') && caller.schoolId === erasure.schoolId;
    if (!isSelf && !isPrivacy) throw notFound();
    if (!isSelf)
      await this.core.transaction([erasure.schoolId], (em) =>
        recordAudit(em, { keys, index, now }, [
          {
            schoolId: erasure.schoolId,
            action: 'erasure.looked-at',
            actor: { kind: 'person', id: caller.personId, role: 'privacy' },
            detail: { erasure: id },
          },
        ]),
      );
    return erasureJson(erasure, this.core.settings.appUrl);
  }

  /** The public half of the key that signs receipts. */
  @Get('.well-known/jwks.json')
  @Allow('public')
  publicKeys() {
    return publicJwks(this.core.signing);
  }

  /** The token's school first. */
  private async schoolsOf(personId: string, own: string): Promise<string[]> {
    const schools = await this.core.database.transaction(schoolsOf.person(personId), (em) =>
      schoolsOfPerson(em, personId),
    );
    return [own, ...schools.filter((schoolId) => schoolId !== own)];
  }

  private ask(caller: Caller, subject: { schoolId: string; personId: string }, isTooMuch: boolean) {
    return this.core.transaction([subject.schoolId], async (em) => {
      const deps = this.core.deps();
      const asked = await requestErasure(em, deps, subject, 'request');
      if (asked && isTooMuch)
        throw new Problem(403, 'Only the person can ask to be forgotten everywhere. Leave out `everywhere`.');
      if (asked?.isNew)
        await recordAudit(em, deps, [
          {
            schoolId: subject.schoolId,
            action: 'erasure.requested',
            actor: {
              kind: 'person',
              id: caller.personId,
              role: caller.personId === subject.personId ? caller.roles[0] : 'privacy',
            },
            subjectId: subject.personId,
            detail: { erasure: asked.erasure.id },
          },
        ]);
      return asked?.erasure ?? null;
    });
  }
}

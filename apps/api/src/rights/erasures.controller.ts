import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { IsBoolean, IsOptional, IsUUID } from 'class-validator';
import type { Response } from 'express';
import { publicJwks } from '#libs/privacy';
import { PageQuery } from '../conferences/bodies.js';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { Caller } from '../http/caller.js';
import { asUuid } from './as-uuid.js';
import { erasureJson, erasureRowJson } from './erasure-json.js';
import { ErasuresService } from './erasures.service.js';

class ErasureBody {
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  everywhere?: boolean;
}

/** `GET /v1/erasures`. */
export class ErasuresQuery extends PageQuery {
  @IsOptional()
  @IsUUID(undefined, { message: 'must be what the Link header of the last answer said' })
  declare after?: string;
}

/** The right to be forgotten (R14): ask for it, and see what became of it. */
@Controller()
export class ErasuresController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(ErasuresService) private readonly erasures: ErasuresService,
  ) {}

  @Post('v1/people/:id/erasure')
  @Allow('anyone')
  @HttpCode(202)
  async request(@CurrentCaller() caller: Caller, @Param('id') personId: string, @Body() body: ErasureBody) {
    const everywhere = body.everywhere === true;
    const erasures = await this.erasures.request(caller, personId, everywhere);
    const { appUrl } = this.core.settings;
    return {
      ...erasureJson(erasures[0], appUrl),
      ...(everywhere && { erasures: erasures.map((one) => erasureJson(one, appUrl)) }),
    };
  }

  /** Newest first: which still wait, until when, and which are late. */
  @Get('v1/erasures')
  @Allow(['privacy'])
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ErasuresQuery,
    @Res({ passthrough: true }) response: Response,
  ) {
    const limit = query.limit ?? 50;
    const { appUrl } = this.core.settings;
    const found = await this.erasures.list(caller, query.after ?? null, limit);
    const shown = found.slice(0, limit);
    if (found.length > limit)
      response.setHeader('Link', `<${appUrl}/v1/erasures?limit=${limit}&after=${shown.at(-1)!.id}>; rel="next"`);
    const now = this.core.clock.now();
    return { rows: shown.map((erasure) => erasureRowJson(erasure, appUrl, now)) };
  }

  @Get('v1/erasures/:id')
  @Allow('anyone')
  async look(@CurrentCaller() caller: Caller, @Param('id', asUuid) id: string) {
    return erasureJson(await this.erasures.look(caller, id), this.core.settings.appUrl);
  }

  /** The public half of the key that signs receipts. */
  @Get('.well-known/jwks.json')
  @Allow('public')
  publicKeys() {
    return publicJwks(this.core.signing);
  }
}

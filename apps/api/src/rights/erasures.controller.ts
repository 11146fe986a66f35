import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { IsBoolean, IsOptional } from 'class-validator';
import { publicJwks } from '#libs/privacy';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { Caller } from '../http/caller.js';
import { asUuid } from './as-uuid.js';
import { erasureJson } from './erasure-json.js';
import { ErasuresService } from './erasures.service.js';

class ErasureBody {
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  everywhere?: boolean;
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

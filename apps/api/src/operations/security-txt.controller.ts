import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Core } from '../core.js';
import { Allow } from '../http/access.js';
import { notFound } from '../http/problem.js';

/** RFC 9116: where to report a weakness (R16). */
@Controller('.well-known')
export class SecurityTxtController {
  constructor(@Inject(Core) private readonly core: Core) {}

  @Get('security.txt')
  @Allow('public')
  securityTxt(@Res() response: Response) {
    const { securityContact, appUrl } = this.core.settings;
    if (!securityContact) throw notFound();
    const contact = /^[a-z]+:/i.test(securityContact) ? securityContact : `mailto:${securityContact}`;
    const expires = new Date(this.core.clock.now().getTime() + 180 * 86_400_000);
    expires.setUTCHours(0, 0, 0, 0);
    response
      .type('text/plain')
      .send(
        `Contact: ${contact}\nExpires: ${expires.toISOString()}\nPreferred-Languages: nl, en\nCanonical: ${appUrl}/.well-known/security.txt\n`,
      );
  }
}

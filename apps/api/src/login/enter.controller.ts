import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Secret } from '#libs/encryption';
import { Allow } from '../http/access.js';
import type { CalledRequest } from '../http/caller.js';
import { setCookies } from '../http/cookies.js';
import { HostTokens, type Ticket } from '../http/host-tokens.js';
import { ownPath } from '../http/own-path.js';
import { frameOf } from '../http/problem.filter.js';
import { Sessions } from '../http/sessions.js';
import { renderEnterPage, renderErrorPage } from '../pages/index.js';

/** Signing in by a ticket of the parent-meetings module, and out again. */
@Controller()
export class EnterController {
  constructor(
    @Inject(HostTokens) private readonly tokens: HostTokens,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Get('enter')
  @Allow('public')
  async enter(
    @Query('ticket') ticket: unknown,
    @Query('to') to: unknown,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const path = ownPath(to ?? '/');
    const known = await this.ticketOf(ticket);
    if (!known) return this.refuse(request, response);
    const signedIn = request.caller?.via === 'session' ? request.caller : null;
    // A link must not quietly make somebody another person: only the form does, and only it uses the ticket up.
    if (signedIn && signedIn.personId !== known.caller.personId) {
      response.type('html').send(
        renderEnterPage({
          frame: frameOf(request),
          signedInAs: signedIn.name,
          enteringAs: known.caller.name,
          ticket: new Secret(String(ticket)),
          to: path,
        }),
      );
      return;
    }
    // Who only asks for the headers (a preview of links) must not use the ticket up.
    if (request.method === 'HEAD') return response.redirect(303, path);
    await this.begin(known, path, request, response);
  }

  @Post('enter')
  @Allow('public')
  async enterAsOther(@Req() request: CalledRequest, @Res() response: Response) {
    const body = (request.body ?? {}) as { ticket?: unknown; to?: unknown };
    const path = ownPath(body.to ?? '/');
    const known = await this.ticketOf(body.ticket);
    if (!known) return this.refuse(request, response);
    await this.begin(known, path, request, response);
  }

  @Post('leave')
  @Allow('public')
  async leave(@Req() request: CalledRequest, @Res() response: Response) {
    if (request.caller?.sessionId) await this.sessions.end(request.caller.sessionId);
    setCookies(response, [this.sessions.clear()]);
    response.redirect(303, '/');
  }

  private async begin(ticket: Ticket, path: string, request: CalledRequest, response: Response): Promise<void> {
    if (!(await this.tokens.spend(ticket))) return this.refuse(request, response);
    // One session per browser: a copy of the cookie that is replaced opens nothing any more.
    if (request.caller?.sessionId !== undefined) await this.sessions.end(request.caller.sessionId);
    setCookies(response, [await this.sessions.begin(ticket.caller)]);
    response.redirect(303, path);
  }

  private ticketOf(ticket: unknown): Promise<Ticket | null> {
    return typeof ticket === 'string' && ticket.length < 8_000 ? this.tokens.ticket(ticket) : Promise.resolve(null);
  }

  private refuse(request: CalledRequest, response: Response): void {
    response
      .status(401)
      .type('html')
      .send(renderErrorPage({ frame: frameOf(request), status: 401, requestId: request.requestId }));
  }
}

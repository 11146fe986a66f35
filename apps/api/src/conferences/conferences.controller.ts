import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Cursor } from '#libs/conferences';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { isCleanText } from '../http/clean-text.js';
import { Problem } from '../http/problem.js';
import { AuditTrail } from '../rights/audit-trail.js';
import { PageQuery, TakeOverBody, WantBody } from './bodies.js';
import { ConferencesService } from './conferences.service.js';
import { ProgressStreams } from './progress-streams.js';
import { rowJson } from './row-json.js';

/** For teachers, colleagues and admins. */
@Controller('v1')
export class ConferencesController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(ConferencesService) private readonly conferences: ConferencesService,
    @Inject(ProgressStreams) private readonly streams: ProgressStreams,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
  ) {}

  @Post('conferences')
  @Allow(['teacher'])
  @HttpCode(202)
  async want(@CurrentCaller() caller: Caller, @Body() body: WantBody) {
    if (body.timeslotIds && body.eveningId !== undefined)
      throw new Problem(422, 'Send timeslotIds or eveningId, not both.', [
        { pointer: '/eveningId', detail: 'must be absent where timeslotIds is there' },
      ]);
    const accepted = await this.conferences.want(caller, body);
    const evening = body.eveningId ?? (await this.conferences.eveningOf(caller, body.timeslotIds![0]!));
    return { accepted, url: `${this.core.settings.appUrl}/v1/evenings/${encodeURIComponent(evening)}/conferences` };
  }

  @Get('evenings/:id/conferences')
  @Allow(['teacher', 'admin'])
  async evening(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Res({ passthrough: true }) response: Response,
  ) {
    const limit = query.limit ?? 50;
    const rows = await this.conferences.rowsOfEvening(caller, id, {
      limit: limit + 1,
      after: query.after === undefined ? null : readCursor(query.after),
    });
    await this.trail.adminLooked(caller, { evening: id });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    if (rows.length > limit && last)
      response.setHeader(
        'Link',
        `<${this.core.settings.appUrl}/v1/evenings/${encodeURIComponent(id)}/conferences?limit=${limit}&after=${writeCursor({ start: last.start, id: last.timeslotId })}>; rel="next"`,
      );
    return { rows: shown.map((row) => rowJson(row, caller.personId)) };
  }

  @Get('timeslots/:id/conference')
  @Allow(['teacher', 'admin'])
  async timeslot(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const row = await this.conferences.rowOfTimeslot(caller, id);
    await this.trail.adminLooked(caller, { timeslot: id });
    return rowJson(row, caller.personId);
  }

  @Delete('timeslots/:id/conference')
  @Allow(['teacher', 'admin'])
  @HttpCode(202)
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    await this.conferences.remove(caller, id);
    return this.accepted(id);
  }

  @Post('timeslots/:id/conference/retry')
  @Allow(['teacher', 'admin'])
  @HttpCode(202)
  async retry(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    await this.conferences.retry(caller, id);
    return this.accepted(id);
  }

  @Post('timeslots/:id/conference/take-over')
  @Allow(['teacher'])
  @HttpCode(202)
  async takeOver(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: TakeOverBody) {
    await this.conferences.takeOver(caller, { timeslotId: id }, body.from, body.provider);
    return this.accepted(id);
  }

  @Post('evenings/:id/take-over')
  @Allow(['teacher'])
  @HttpCode(202)
  async takeOverEvening(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: TakeOverBody) {
    const accepted = await this.conferences.takeOver(caller, { eveningId: id }, body.from, body.provider);
    return { accepted, url: `${this.core.settings.appUrl}/v1/evenings/${encodeURIComponent(id)}/conferences` };
  }

  @Get('evenings/:id/progress')
  @Allow(['teacher', 'admin'])
  async progress(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const progress = await this.conferences.progress(caller, id);
    await this.trail.adminLooked(caller, { evening: id });
    return progress;
  }

  @Get('evenings/:id/readiness')
  @Allow(['teacher', 'admin'])
  async readiness(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const readiness = await this.conferences.readiness(caller, id);
    await this.trail.adminLooked(caller, { evening: id });
    return readiness;
  }

  /** Server-sent events by hand: Nest's own would answer 200 before it is known whether there is such an evening. */
  @Get('evenings/:id/progress/stream')
  @Allow(['teacher', 'admin'])
  async stream(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ): Promise<void> {
    // Once, however this answer ends.
    response.once('close', this.streams.admit(caller));
    const first = await this.conferences.progress(caller, id);
    await this.trail.adminLooked(caller, { evening: id });
    // `no-transform`, and the word that nginx knows: no proxy on the way may hold lines back.
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    const watching = this.streams.of(caller, id, first).subscribe({
      next: ({ type, data, retry }) => {
        const hint = retry === undefined ? '' : `retry: ${retry}\n`;
        response.write(`${hint}event: ${type}\ndata: ${data as string}\n\n`);
        // Nobody reads at the other end.
        if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      },
      error: () => response.end(),
      complete: () => response.end(),
    });
    response.on('close', () => watching.unsubscribe());
  }

  private accepted(timeslotId: string) {
    return {
      accepted: 1,
      url: `${this.core.settings.appUrl}/v1/timeslots/${encodeURIComponent(timeslotId)}/conference`,
    };
  }
}

/** Of a stream, kept for a reader that is slow. */
const MOST_UNREAD_BYTES = 1024 * 1024;

const writeCursor = (cursor: Cursor) =>
  Buffer.from(JSON.stringify([cursor.start.toISOString(), cursor.id])).toString('base64url');

function readCursor(text: string): Cursor {
  try {
    const [start, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [unknown, unknown];
    const at = new Date(String(start));
    if (typeof id === 'string' && isCleanText(id) && !Number.isNaN(at.getTime())) return { start: at, id };
  } catch {
    // Told below, like every other wrong one.
  }
  throw new Problem(422, 'The cursor is not one of ours.', [
    { pointer: '/after', detail: 'must be what the Link header of the last answer said' },
  ]);
}

import { Router, type Request } from 'express';
import type { calendar_v3 } from '@googleapis/calendar';
import { empty, json, Refusal, type Answer } from '../http/answer.js';
import { bearerOf, jsonOf, pathParameter, queryParameter } from '../http/request.js';
import { serve } from '../http/serve.js';
import type { World } from '../world/world.js';
import type { GoogleAccounts } from './accounts.js';
import type { CalendarRow, Caller, GoogleCalendars } from './calendars.js';
import type { EventWrite, GoogleEvents } from './events.js';
import { selectFields } from './fields.js';
import type { GoogleGrants } from './grants.js';
import type { RateLimit } from './rate-limit.js';
import { mayMakeCalendars, mayWriteEvents, reachesAllCalendars } from './scopes.js';

export interface CalendarApiParts {
  world: World;
  accounts: GoogleAccounts;
  grants: GoogleGrants;
  calendars: GoogleCalendars;
  events: GoogleEvents;
  limit: RateLimit;
}

type Handler = (caller: Caller, request: Request, operation: string) => Answer;

/** Calendar v3 as far as the product may use it (providers.md §2); lists and searches are answered and recorded. */
export const googleCalendarApi = (parts: CalendarApiParts): Router => {
  const { world, accounts, grants, calendars, events, limit } = parts;
  const router = Router();

  const route = (name: string, allows: (scopes: string[]) => boolean, handler: Handler) =>
    serve(world, 'google', {
      name,
      account: (request) => grants.ownerOf(bearerOf(request)),
      handle: (request) => {
        const token = grants.access(bearerOf(request));
        if (!token) throw new Refusal('401.authError');
        limit.count(token.email);
        if (!allows(token.scopes)) throw new Refusal('403.insufficientScope');
        return handler({ account: accounts.at(token.email), scopes: token.scopes }, request, name);
      },
      finish: partial,
    });
  const listed = (name: string, handler: Handler) =>
    route(
      name,
      (scopes) => mayWriteEvents(scopes),
      (caller, request, operation) => {
        const { email: account } = caller.account;
        world.ledger.violation({
          kind: 'list-or-search',
          provider: 'google',
          operation,
          account,
          detail: request.method,
        });
        return handler(caller, request, operation);
      },
    );
  const calendarOf = (caller: Caller, request: Request, operation: string): CalendarRow =>
    calendars.reach(caller, pathParameter(request, 'calendarId'), operation);
  const eventId = (request: Request): string => pathParameter(request, 'eventId');

  const base = '/calendar/v3/calendars';
  router.post(
    base,
    route('calendars.insert', mayMakeCalendars, (caller, request) => {
      const { summary, timeZone } = jsonOf(request) ?? {};
      if (typeof summary !== 'string' || summary === '') throw new Refusal('400.required');
      return json(
        200,
        calendars.resource(calendars.insert(caller, summary, typeof timeZone === 'string' ? timeZone : 'UTC')),
      );
    }),
  );
  const one = `${base}/:calendarId`;
  router.get(
    one,
    route('calendars.get', mayMakeCalendars, (caller, request, operation) =>
      json(200, calendars.resource(calendarOf(caller, request, operation))),
    ),
  );
  router.delete(
    one,
    route('calendars.delete', mayMakeCalendars, (caller, request, operation) => {
      calendars.remove(calendarOf(caller, request, operation));
      return empty(204);
    }),
  );
  router.post(
    `${one}/events`,
    route('events.insert', mayWriteEvents, (caller, request, operation) => {
      const event = events.insert(caller, calendarOf(caller, request, operation), writeOf(request));
      return json(200, event, etagOf(event));
    }),
  );
  const event = `${one}/events/:eventId`;
  router.get(
    event,
    route('events.get', mayWriteEvents, (caller, request, operation) => {
      const found = events.get(caller, calendarOf(caller, request, operation), eventId(request));
      return request.get('if-none-match') === found.etag ? empty(304) : json(200, found, etagOf(found));
    }),
  );
  router.patch(
    event,
    route('events.patch', mayWriteEvents, (caller, request, operation) => {
      const calendar = calendarOf(caller, request, operation);
      const changed = events.patch(caller, calendar, eventId(request), writeOf(request));
      return json(200, changed, etagOf(changed));
    }),
  );
  router.put(
    event,
    route('events.update', mayWriteEvents, (caller, request, operation) => {
      const calendar = calendarOf(caller, request, operation);
      const changed = events.update(caller, calendar, eventId(request), writeOf(request));
      return json(200, changed, etagOf(changed));
    }),
  );
  router.delete(
    event,
    route('events.delete', mayWriteEvents, (caller, request, operation) => {
      checkSendUpdates(request);
      events.remove(calendarOf(caller, request, operation), eventId(request), request.get('if-match'));
      return empty(204);
    }),
  );

  router.get(
    `${one}/events`,
    listed('events.list', (caller, request, operation) => {
      const calendar = calendarOf(caller, request, operation);
      return json(200, { kind: 'calendar#events', summary: calendar.summary, items: calendars.listed(calendar) });
    }),
  );
  const refusedUnlessWide: Handler = (caller) => {
    if (!reachesAllCalendars(caller.scopes)) throw new Refusal('403.insufficientScope');
    return json(200, { kind: 'calendar#calendarList', items: [] });
  };
  router.get('/calendar/v3/users/me/calendarList', listed('calendarList.list', refusedUnlessWide));
  router.post('/calendar/v3/freeBusy', listed('freebusy.query', refusedUnlessWide));
  return router;
};

const writeOf = (request: Request): EventWrite => {
  checkSendUpdates(request);
  const body = jsonOf(request) as calendar_v3.Schema$Event | undefined;
  if (!body) throw new Refusal('400.required');
  const version = queryParameter(request, 'conferenceDataVersion') ?? '0';
  if (version !== '0' && version !== '1') throw new Refusal('400.invalid');
  return { body, withConference: version === '1', ifMatch: request.get('if-match') };
};

const checkSendUpdates = (request: Request): void => {
  const sendUpdates = queryParameter(request, 'sendUpdates');
  if (sendUpdates !== undefined && !['all', 'externalOnly', 'none'].includes(sendUpdates)) {
    throw new Refusal('400.invalid');
  }
};

const etagOf = ({ etag }: calendar_v3.Schema$Event): Record<string, string> => ({ ETag: etag ?? '' });

/** `fields=` selects parts of an answer that went well; errors come whole. */
const partial = (answer: Answer, request: Request): Answer => {
  const fields = queryParameter(request, 'fields');
  if (fields === undefined || answer.status >= 300 || answer.json === undefined) return answer;
  return { ...answer, json: selectFields(answer.json, fields) };
};

import { Router } from 'express';
import { MeetingPage } from '../pages/meeting.js';
import { toHtml } from '../pages/to-html.js';
import type { World } from '../world/world.js';
import { pathParameter } from './request.js';

/** Where a meeting URL leads: the meeting itself. Other codes, and meetings that were deleted: 404. */
export const meetingRoutes = (world: World): Router => {
  const router = Router();
  const show = (provider: string, path: string) => {
    const entry = world.ledger.live().find(({ url }) => url !== undefined && new URL(url).pathname === path);
    const html = toHtml(<MeetingPage provider={provider} entry={entry} />);
    return { status: entry ? 200 : 404, html };
  };
  router.get('/meet/icon.svg', (_request, response) => {
    response
      .type('svg')
      .send('<svg xmlns="http://www.w3.org/2000/svg"><rect width="24" height="24" fill="green"/></svg>');
  });
  router.get(['/meet/:code', '/l/meetup-join/{*rest}'], (_request, response, next) => {
    if (world.meetingsLeadTo === null) return next();
    return response.redirect(302, world.meetingsLeadTo);
  });
  router.get('/meet/:code', (request, response) => {
    const { status, html } = show('Google Meet', `/meet/${pathParameter(request, 'code')}`);
    response.status(status).type('html').send(html);
  });
  router.get('/l/meetup-join/{*rest}', (request, response) => {
    const { status, html } = show('Microsoft Teams', request.path);
    response.status(status).type('html').send(html);
  });
  return router;
};

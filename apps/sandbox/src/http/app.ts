import express, { type ErrorRequestHandler, type Express } from 'express';
import { mailRoutes } from '../mailbox/mail-routes.js';
import { moduleRoutes } from '../module/module-routes.js';
import { controlRoutes } from './control.js';
import { meetingRoutes } from './meetings.js';
import type { SandboxParts } from './sandbox-parts.js';

/** One server for all, told apart by the first part of the path. */
export const sandboxApp = (parts: SandboxParts): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.urlencoded({ extended: false }), express.json({ limit: '2mb' }));
  app.use('/google', parts.google.signIn);
  // At the root: the Google client drops the path of its rootUrl and keeps only the origin.
  app.use(parts.google.api);
  app.use('/control', controlRoutes(parts));
  app.use('/microsoft', parts.microsoft.signIn);
  app.use('/graph', parts.microsoft.api);
  app.use('/module', moduleRoutes(parts.module));
  app.use(mailRoutes(parts.mailbox));
  app.use(meetingRoutes(parts.world));
  app.get('/', (_request, response) => response.redirect('/module'));
  app.use(failure);
  return app;
};

/** A body that is no JSON is the client's fault; the rest is ours. */
const failure: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const { status = 500, message } = error as { status?: number; message: string };
  response
    .status(status)
    .json({ error: { code: status, message, errors: [{ domain: 'global', reason: 'parseError', message }] } });
};

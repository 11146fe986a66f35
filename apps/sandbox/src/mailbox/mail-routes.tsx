import { Router } from 'express';
import { MailListPage, MailPage } from '../pages/mail.js';
import { MessagePage } from '../pages/message.js';
import { toHtml } from '../pages/to-html.js';
import { pathParameter, queryParameter } from '../http/request.js';
import type { SandboxMailbox } from './mailbox.js';

/** The mailbox in a browser, and as JSON for scripts. */
export const mailRoutes = (mailbox: SandboxMailbox): Router => {
  const router = Router();
  const newestFirst = (to: string | undefined) =>
    (to === undefined || to === '' ? mailbox.messages : mailbox.to(to)).toReversed();
  router.get('/mail', (request, response) => {
    const to = queryParameter(request, 'to');
    response.type('html').send(toHtml(<MailListPage mails={newestFirst(to).slice(0, 200)} to={to} />));
  });
  router.get('/mail.json', (request, response) => {
    response.json(newestFirst(queryParameter(request, 'to')));
  });
  router.get('/mail/:n', (request, response) => {
    const mail = mailbox.messages.find(({ n }) => String(n) === pathParameter(request, 'n'));
    if (mail) response.type('html').send(toHtml(<MailPage mail={mail} />));
    else
      response
        .status(404)
        .type('html')
        .send(toHtml(<MessagePage title="No such mail" text="It never came." />));
  });
  router.get('/mail/:n/attachments/:index', (request, response) => {
    const mail = mailbox.messages.find(({ n }) => String(n) === pathParameter(request, 'n'));
    const file = mail?.attachments[Number(pathParameter(request, 'index'))];
    if (!file) return void response.status(404).end();
    return void response.attachment(file.filename).type(file.mimeType).send(file.content);
  });
  return router;
};

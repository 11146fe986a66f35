import { Router, type Response } from 'express';
import { formOf, pathParameter } from '../http/request.js';
import { MessagePage } from '../pages/message.js';
import { ModulePage } from '../pages/module.js';
import { toHtml } from '../pages/to-html.js';
import type { Member, SandboxModule } from './parent-meetings.js';

/** The module in a browser: who are you, and what happens to the evening. */
export const moduleRoutes = (module: SandboxModule): Router => {
  const router = Router();
  router.get('/jwks.json', (_request, response) => {
    response.json(module.jwks);
  });
  router.get('/', (_request, response) => {
    const html = toHtml(<ModulePage members={module.members()} slots={[...module.slots.values()]} />);
    response.type('html').send(html);
  });
  router.post('/sign-in', async (request, response) => {
    const { person } = formOf(request);
    const member = module.members().find(({ id }) => id === person);
    if (!member) return say(response, 404, 'Nobody is called that', 'Plan the evening first.');
    const { id: sub, ...wish } = member;
    return response.redirect(303, await module.enterUrl({ sub, ...wish }, homeOf(module, member)));
  });
  router.post('/plan', (_request, response) =>
    tell(response, () => module.emit(module.slots.size === 0 ? module.seed() : module.restated())),
  );
  router.post('/slots/:id/:change', (request, response) => {
    const change = changeOf(module, pathParameter(request, 'id'), pathParameter(request, 'change'));
    if (!change) return say(response, 404, 'No such change', 'A slot can be moved, cancelled or planned again.');
    return tell(response, () => module.emit([module.change(pathParameter(request, 'id'), change)]));
  });
  return router;
};

const CHANGES: Partial<Record<string, Parameters<SandboxModule['change']>[1]>> = {
  move: { moveMinutes: 10 },
  cancel: { status: 'cancelled' },
  restore: { status: 'planned' },
};

/** `now` brings the slot to two minutes from now, so that its family can walk in. */
const changeOf = (module: SandboxModule, slotId: string, name: string) => {
  const slot = module.slots.get(slotId);
  if (name !== 'now' || !slot) return CHANGES[name];
  return { moveMinutes: Math.round((Date.now() + 2 * 60_000 - Date.parse(slot.timeslot.start)) / 60_000) };
};

/** Teachers start at their evening, everybody else at the front page. */
const homeOf = (module: SandboxModule, { id, roles }: Member): string => {
  const own = [...module.slots.values()].find(({ teacher }) => teacher.id === id);
  return own && roles.includes('teacher') ? `/evenings/${own.evening.id}` : '/';
};

const tell = async (response: Response, send: () => Promise<unknown>): Promise<void> => {
  try {
    await send();
    response.redirect(303, '/module');
  } catch (error) {
    say(response, 502, 'The product did not take it', (error as Error).message);
  }
};

const say = (response: Response, status: number, title: string, text: string): void => {
  response
    .status(status)
    .type('html')
    .send(toHtml(<MessagePage title={title} text={text} />));
};

import { Router } from 'express';
import type { FaultRule } from '../world/faults.js';
import type { ModuleEvent } from '../module/events.js';
import type { EveningPlan } from '../module/plan-evening.js';
import type { TokenWish } from '../module/parent-meetings.js';
import { accountSwitches } from './account-switches.js';
import { jsonOf, pathParameter } from './request.js';
import type { SandboxParts } from './sandbox-parts.js';

/** The same switches as the in-process handles, over HTTP: for scripts and other processes. */
export const controlRoutes = (parts: SandboxParts): Router => {
  const { world, google, microsoft, module, autoConsent } = parts;
  const router = Router();
  router.get('/faults', (_request, response) => {
    response.json(world.faults.list());
  });
  router.put('/faults', (request, response) => {
    const body: unknown = request.body;
    try {
      world.faults.replace(Array.isArray(body) ? (body as FaultRule[]) : [body as FaultRule]);
    } catch (error) {
      response.status(400).json({ error: (error as Error).message });
      return;
    }
    response.json(world.faults.list());
  });
  router.delete('/faults', (_request, response) => {
    world.faults.clear();
    response.status(204).end();
  });
  router.get('/ledger', (_request, response) => {
    response.json(world.ledger.snapshot());
  });
  router.delete('/ledger', (_request, response) => {
    world.ledger.forgetRequests();
    response.status(204).end();
  });
  router.post('/auto-consent', (request, response) => {
    const { on, account } = jsonOf(request) ?? {};
    autoConsent(on !== false && on !== 'false');
    if (typeof account === 'string') {
      google.nextAccount = account;
      microsoft.nextAccount = account;
    }
    response.status(204).end();
  });
  router.post('/accounts/:provider/:email/:change', (request, response) => {
    const [provider, email, change] = ['provider', 'email', 'change'].map((name) => pathParameter(request, name));
    const apply = accountSwitches(parts)[`${provider}.${change}`];
    if (!apply) return void response.status(404).json({ error: `No switch ${provider}.${change}` });
    return void response.json(apply(email ?? '', jsonOf(request) ?? {}) ?? {});
  });
  router.post('/app-url', (request, response) => {
    world.appUrl = String(jsonOf(request)?.url).replace(/\/+$/u, '');
    response.status(204).end();
  });
  router.post('/module/token', async (request, response) => {
    response.json({ token: await module.token(jsonOf(request) as unknown as TokenWish) });
  });
  router.post('/module/ticket', async (request, response) => {
    response.json({ ticket: await module.ticket(jsonOf(request) as unknown as TokenWish) });
  });
  router.post('/module/evening', (request, response) => {
    response.json(module.planEvening(jsonOf(request) as unknown as EveningPlan));
  });
  router.post('/module/emit', async (request, response) => {
    response.json({ results: await module.emit(request.body as ModuleEvent[]) });
  });
  return router;
};

import { Router } from 'express';
import type { FaultRule } from '../world/faults.js';
import { jsonOf } from './request.js';
import type { SandboxParts } from './app.js';

/** The same switches as the in-process handles, over HTTP: for scripts and other processes. */
export const controlRoutes = ({ world, google, autoConsent }: SandboxParts): Router => {
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
    if (typeof account === 'string') google.nextAccount = account;
    response.status(204).end();
  });
  return router;
};

import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { FaultRule } from '../world/faults.js';
import type { SandboxProvider } from '../world/provider.js';
import type { World } from '../world/world.js';
import { faultAnswer, Refusal, type Answer } from './answer.js';

/** One operation of a provider. */
export interface Operation {
  /** Such as `events.insert`; a function where the body decides. */
  name: string | ((request: Request) => string);
  /** The address of the account that asks, when it can be told. */
  account?: (request: Request) => string | undefined;
  handle: (request: Request) => Answer | Promise<Answer>;
  /** The last touch on every answer, refusals and faults too: headers, ids, partial responses. */
  finish?: (answer: Answer, request: Request) => Answer;
}

/** Turns an operation into a route: latency, faults before and after the effect, the ledger, and the answer. */
export const serve = (world: World, provider: SandboxProvider, operation: Operation): RequestHandler => {
  return async (request, response) => {
    const name = typeof operation.name === 'string' ? operation.name : operation.name(request);
    const account = operation.account?.(request);
    const rule = world.faults.meet({ provider, operation: name, account });
    watchForNames(world, provider, name, account, request);
    const delayMs = world.latencyMs + (rule?.latencyMs ?? 0);
    if (delayMs > 0) await sleep(delayMs);

    const instead = rule && rule.fault !== 'slow' ? rule : undefined;
    const real = instead && !instead.afterEffect ? undefined : await answered(operation, request);
    const answer = instead ? faulty(instead) : real;
    const finished = answer && answer !== 'reset' && operation.finish ? operation.finish(answer, request) : answer;
    world.ledger.request({
      method: request.method,
      route: (request.route as { path: string }).path,
      provider,
      operation: name,
      account,
      status: finished && finished !== 'reset' ? finished.status : 0,
      fault: rule?.fault,
    });
    if (finished === 'reset') request.socket.destroy();
    else if (finished) send(response, finished);
    // Neither: silence. The connection stays open until the client gives up or the sandbox closes.
  };
};

const answered = async (operation: Operation, request: Request): Promise<Answer> => {
  try {
    return await operation.handle(request);
  } catch (error) {
    if (error instanceof Refusal) return faultAnswer(error.fault, undefined, error.detail);
    throw error;
  }
};

const faulty = ({ fault, retryAfter }: FaultRule): Answer | 'reset' | undefined => {
  if (fault === 'silence') return undefined;
  return fault === 'reset' ? 'reset' : faultAnswer(fault, retryAfter);
};

const watchForNames = (
  world: World,
  provider: SandboxProvider,
  operation: string,
  account: string | undefined,
  request: Request,
): void => {
  const body: unknown = request.body;
  if (body === undefined || body === null) return;
  const name = world.ledger.familyNames.firstIn(JSON.stringify(body));
  if (name === undefined) return;
  world.ledger.violation({ kind: 'family-name', provider, operation, account, detail: name });
};

const send = (response: Response, { status, headers = {}, json, html, location }: Answer): void => {
  response.status(status).set({ 'Cache-Control': 'no-store', ...headers });
  if (location !== undefined) response.location(location).end();
  else if (html !== undefined) response.type('html').send(html);
  else if (json !== undefined) response.json(json);
  else response.end();
};

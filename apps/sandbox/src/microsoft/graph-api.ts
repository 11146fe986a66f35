import { Router, type Request } from 'express';
import { empty, json, Refusal, type Answer } from '../http/answer.js';
import { bearerOf, jsonOf, pathParameter, queryParameter } from '../http/request.js';
import { serve } from '../http/serve.js';
import type { World } from '../world/world.js';
import type { MicrosoftAccount, MicrosoftAccounts } from './accounts.js';
import type { MicrosoftGrants } from './grants.js';
import { bad } from './meeting-body.js';
import type { OnlineMeetings } from './online-meetings.js';
import { withRequestIds } from './request-ids.js';

export interface GraphParts {
  world: World;
  accounts: MicrosoftAccounts;
  grants: MicrosoftGrants;
  meetings: OnlineMeetings;
}

type Handler = (account: MicrosoftAccount, request: Request) => Answer;

/** Graph v1.0 as far as the product may use it (providers.md §4). Everything else is 403 and recorded. */
export const graphApi = ({ world, accounts, grants, meetings }: GraphParts): Router => {
  const router = Router();
  const route = (name: string, handler: Handler) =>
    serve(world, 'microsoft', {
      name,
      account: (request) => grants.ownerOf(bearerOf(request)),
      handle: (request) => {
        const token = grants.access(bearerOf(request));
        if (!token) throw new Refusal('401.InvalidAuthenticationToken');
        const account = accounts.at(token.email);
        if (!token.scopes.some((scope) => scope.endsWith('OnlineMeetings.ReadWrite')))
          throw new Refusal('403.Forbidden');
        return handler(account, request);
      },
      finish: withRequestIds(world),
    });
  const id = (request: Request): string => pathParameter(request, 'id');

  const base = '/v1.0/me/onlineMeetings';
  router.post(
    `${base}/createOrGet`,
    route('onlineMeetings.createOrGet', (account, request) => {
      const body = bodyOf(request);
      licensed(account);
      const { created, meeting } = meetings.createOrGet(account, body);
      return json(created ? 201 : 200, withContext(world, meeting));
    }),
  );
  router.post(
    base,
    route('onlineMeetings.create', (account, request) => {
      licensed(account);
      return json(201, withContext(world, meetings.create(account, bodyOf(request))));
    }),
  );
  router.get(
    base,
    route('onlineMeetings.list', (account, request) => {
      const filter = queryParameter(request, '$filter');
      const operation = 'onlineMeetings.list';
      const detail = filter === undefined ? 'without a filter' : 'by a filter';
      world.ledger.violation({
        kind: 'list-or-search',
        provider: 'microsoft',
        operation,
        account: account.email,
        detail,
      });
      if (filter === undefined) throw bad('A filter is required.');
      return json(200, withContext(world, { value: [meetings.find(account, filter)] }));
    }),
  );
  router.get(
    `${base}/:id`,
    route('onlineMeetings.get', (account, request) =>
      json(200, withContext(world, meetings.get(account, id(request), 'onlineMeetings.get'))),
    ),
  );
  router.patch(
    `${base}/:id`,
    route('onlineMeetings.patch', (account, request) => {
      licensed(account);
      return json(200, withContext(world, meetings.patch(account, id(request), bodyOf(request))));
    }),
  );
  router.delete(
    `${base}/:id`,
    route('onlineMeetings.delete', (account, request) => {
      meetings.remove(account, id(request));
      return empty(204);
    }),
  );
  router.all(
    '/{*rest}',
    route('other', (account, request) => {
      const detail = `${request.method} beside online meetings`;
      world.ledger.violation({
        kind: 'list-or-search',
        provider: 'microsoft',
        operation: 'other',
        account: account.email,
        detail,
      });
      throw new Refusal('403.Forbidden');
    }),
  );
  return router;
};

const licensed = (account: MicrosoftAccount): void => {
  if (account.noLicence) throw new Refusal('403.Forbidden');
};

const bodyOf = (request: Request): Record<string, unknown> => {
  const body = jsonOf(request);
  if (!body) throw bad('A JSON body is required.');
  return body;
};

const withContext = (world: World, body: object): object => ({
  '@odata.context': `${world.url}/graph/v1.0/$metadata#users('me')/onlineMeetings`,
  ...body,
});

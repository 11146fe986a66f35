import { AsyncLocalStorage } from 'node:async_hooks';
import { MeetingWork } from '#libs/conferences';
import type { Database, Em, Scope } from '#libs/database';
import { Secret } from '#libs/encryption';
import type { Lease } from '#libs/login';
import { DeliveryWork, type EmailMessage } from '#libs/notifications';
import { TIMERS } from '#libs/platform';
import type { LoginName } from '#libs/providers';
import type { WorkerCore } from '../../../apps/worker/src/core.js';
import { SendDelivery } from '../../../apps/worker/src/deliveries/send-delivery.js';
import { SettleMeeting } from '../../../apps/worker/src/meetings/settle-meeting.js';
import { Upkeep } from '../../../apps/worker/src/upkeep/upkeep.js';
import { ConnectionLost, Died, type Task } from '../task.js';
import type { MailServer } from './mail-server.js';
import { APP_URL } from './who.js';
import type { Kit, World } from './world.js';

/** The job that the code now running belongs to. */
export const runningTask = new AsyncLocalStorage<Task>();

/** One process: its leases and its work in hand die with it. */
export interface WorkerProcess {
  readonly leases: Map<string, { subject: string; until: number }>;
  readonly tasks: Set<Task>;
  readonly settle: SettleMeeting;
  readonly deliver: SendDelivery;
  readonly upkeep: Upkeep;
}

/** The product's own processors, on the history's clock, providers, mail server and leases. */
export function startWorker(world: World, kit: Kit, mailServer: MailServer): WorkerProcess {
  const leases: WorkerProcess['leases'] = new Map();
  const { index, keys, clock, notices } = world;
  const shared = { database: strikable(world.database), index, keys, clock, timers: TIMERS };
  const core = {
    ...shared,
    meetings: new MeetingWork({
      ...shared,
      meetingHosts: ['meet.google.com', 'teams.microsoft.com'],
      planNotices: notices.plan,
    }),
    deliveries: new DeliveryWork({
      ...shared,
      appUrl: APP_URL,
      mailFrom: 'School <no-reply@conferences.example>',
      planNotices: notices.plan,
    }),
    email: { send: (message: EmailMessage) => mailServer.mail(message, runningTask.getStore()) },
    webhook: { send: () => Promise.resolve() },
    providers: world.providers,
    leases: {
      borrow: (personId: string, login: LoginName) => borrow(leases, world.instant, personId, login),
      withdraw: (personId: string, login: LoginName) => void leases.delete(`${personId} ${login}`),
    },
    notices,
    metrics: kit.metrics,
    logger: kit.logger,
    settings: { appUrl: APP_URL },
  } as unknown as WorkerCore;
  return {
    leases,
    tasks: new Set(),
    settle: new SettleMeeting(core),
    deliver: new SendDelivery(core),
    upkeep: new Upkeep(core),
  };
}

function borrow(leases: WorkerProcess['leases'], now: number, personId: string, login: LoginName): Lease | null {
  const lease = leases.get(`${personId} ${login}`);
  if (!lease || lease.until <= now) return null;
  return {
    personId,
    login,
    account: { subject: lease.subject, email: `${lease.subject}@account.example` },
    accessToken: new Secret(lease.subject),
    expiresAt: new Date(lease.until),
  };
}

/** The database as a worker sees it: its commits and their answers can get lost. */
function strikable(database: Database): Database {
  return {
    unscoped: () => database.unscoped(),
    answers: () => database.answers(),
    transaction: async <T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> => {
      const task = runningTask.getStore();
      if (!task) return database.transaction(scope, work);
      let result: T;
      try {
        result = await database.transaction(scope, async (em) => {
          const value = await work(em);
          if ((await task.reach('before-commit')) === 'lost-reply') throw new ConnectionLost();
          return value;
        });
      } catch (error) {
        if (error instanceof Died) return task.die();
        throw error;
      }
      if ((await task.reach('after-commit')) === 'lost-reply') throw new ConnectionLost();
      return result;
    },
  } as unknown as Database;
}

import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { FaultRule } from '../world/faults.js';
import type { World } from '../world/world.js';
import type { SandboxMailbox } from './mailbox.js';
import { parseMail } from './parse-mail.js';

/** A mail server that takes everything from everybody, unless a fault says otherwise. */
export const startSmtp = async (
  world: World,
  mailbox: SandboxMailbox,
  host: string,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> => {
  let arrived = 0;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    size: 10 * 1024 * 1024,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? 'anybody' }),
    onRcptTo: ({ address }, session, callback) => {
      const rule = world.faults.meet(
        { provider: 'smtp', operation: 'rcpt', account: address },
        (it) => !actsAtData(it),
      );
      if (rule) note(world, 'rcpt', address, rule);
      return callback(rule && rule.fault !== 'slow' ? refusal(rule) : null);
    },
    onData: (stream, session, callback) => {
      const receive = async () => {
        const raw = await buffer(stream);
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const rule = ruleFor(world, to);
        note(world, 'data', to[0], rule);
        if (rule?.latencyMs) await sleep(rule.latencyMs);
        if (!rule || rule.afterEffect || rule.fault === 'slow') {
          const from = session.envelope.mailFrom;
          arrived += 1;
          const envelope = { from: from ? from.address : '', to };
          mailbox.add(await parseMail(raw, { n: arrived, receivedAt: world.now().toISOString(), envelope }));
        }
        if (rule?.fault === 'smtp.drop') cut(server, session);
        else callback(rule && rule.fault !== 'slow' ? refusal(rule) : null);
      };
      // A client that hung up in the middle of its mail gets no answer, and needs none.
      void receive().catch(() => cut(server, session));
    },
  });
  // A client that hangs up in the middle is no trouble of ours.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.server.address() as { port: number }).port,
    close: () => {
      for (const connection of connectionsOf(server)) connection._socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

/** A cut connection, a lost reply and slowness are matters of DATA; a plain refusal comes at RCPT, unless it says data. */
const actsAtData = ({ fault, afterEffect, match }: FaultRule): boolean =>
  fault === 'smtp.drop' || fault === 'slow' || afterEffect === true || match?.operation === 'data';

const ruleFor = (world: World, to: string[]): FaultRule | undefined => {
  for (const account of to) {
    const rule = world.faults.meet({ provider: 'smtp', operation: 'data', account }, actsAtData);
    if (rule) return rule;
  }
  return undefined;
};

const STATUS: Partial<Record<string, number>> = { 'smtp.451': 451, 'smtp.550': 550 };

const refusal = (rule: FaultRule): Error => {
  const responseCode = STATUS[rule.fault] ?? 451;
  const message = responseCode === 550 ? 'No such mailbox here' : 'Try again later';
  return Object.assign(new Error(message), { responseCode });
};

const note = (world: World, operation: string, account: string | undefined, rule: FaultRule | undefined): void => {
  const status = rule && rule.fault !== 'slow' ? (STATUS[rule.fault] ?? 0) : 250;
  world.ledger.request({
    method: 'SMTP',
    route: operation,
    provider: 'smtp',
    operation,
    account,
    status,
    fault: rule?.fault,
  });
};

interface Connection {
  id: string;
  _socket: Socket;
}

/** smtp-server lets nobody hang up without a word, so its connections are reached into. */
const connectionsOf = (server: SMTPServer): Connection[] => [
  ...(server as unknown as { connections: Set<Connection> }).connections,
];

const cut = (server: SMTPServer, session: SMTPServerSession): void => {
  connectionsOf(server)
    .find(({ id }) => id === session.id)
    ?._socket.destroy();
};

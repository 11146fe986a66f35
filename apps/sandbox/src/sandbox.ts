import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SandboxGoogle } from './google/google.js';
import { sandboxApp } from './http/app.js';
import { SandboxMailbox } from './mailbox/mailbox.js';
import { startSmtp } from './mailbox/smtp.js';
import { SandboxMicrosoft } from './microsoft/microsoft.js';
import { SandboxModule } from './module/parent-meetings.js';
import { teacherAt } from './module/people.js';
import { SCHOOL_DOMAIN } from './module/plan-evening.js';
import { Faults } from './world/faults.js';
import { Ledger } from './world/ledger.js';
import { Random } from './world/random.js';
import type { World } from './world/world.js';

export interface SandboxOptions {
  host?: string;
  /** One port for everything that speaks HTTP; 0 takes a free one. */
  port?: number;
  smtpPort?: number;
  /** The product's APP_URL; may come later by `setAppUrl`. */
  appUrl?: string;
  /** `whsec_…`, with which the parent-meetings module signs its events; made from the seed when absent. */
  eventSecret?: string;
  latencyMs?: number;
  /** The same seed gives the same accounts, ids, tokens and luck. */
  seed?: number;
  /** `https`: meeting URLs of the real hosts, for tests that never open them; MEETING_HOSTS is left out then. */
  meetUrls?: 'local' | 'https';
}

export interface Sandbox {
  url: string;
  smtpUrl: string;
  seed: number;
  /** The environment that points the product here. */
  settings: Record<string, string>;
  google: SandboxGoogle;
  microsoft: SandboxMicrosoft;
  mailbox: SandboxMailbox;
  module: SandboxModule;
  faults: Faults;
  ledger: Ledger;
  setAppUrl(url: string): void;
  /** From now on meetings' pages redirect there; null: they are shown. */
  leadMeetingsTo(url: string | null): void;
  /** Both sign-in pages answer at once, without a person. */
  autoConsent(on: boolean): void;
  close(): Promise<void>;
}

/** Starts Google, Microsoft, a mailbox and a small parent-meetings module on this computer. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const { host = '127.0.0.1', seed = 1, meetUrls = 'local', latencyMs = 0 } = options;
  const now = () => new Date();
  const random = new Random(seed);
  const world: World = {
    url: '',
    appUrl: withoutSlash(options.appUrl),
    meetUrls,
    meetingsLeadTo: null,
    latencyMs,
    now,
    random,
    ledger: new Ledger(now),
    faults: new Faults(random),
  };
  const mailbox = new SandboxMailbox();
  const [google, microsoft, module, smtp] = await Promise.all([
    SandboxGoogle.start(world),
    SandboxMicrosoft.start(world),
    SandboxModule.start(world, options.eventSecret),
    startSmtp(world, mailbox, host, options.smtpPort ?? 0),
  ]);
  // Known from the start, so that the account choosers show the seeded teachers.
  for (const { email, name } of [0, 1, 2].map((index) => teacherAt(index, SCHOOL_DOMAIN))) {
    google.account(email, name);
    microsoft.account(email, name);
  }
  const autoConsent = (on: boolean) => {
    google.consent.on = on;
    microsoft.consent.on = on;
  };
  const server = createServer(sandboxApp({ world, google, microsoft, mailbox, module, autoConsent }));
  world.url = `http://${host}:${await listen(server, options.port ?? 0, host)}`;
  const smtpUrl = `smtp://${host}:${smtp.port}`;
  return {
    url: world.url,
    smtpUrl,
    seed,
    settings: {
      GOOGLE_ISSUER: google.issuer,
      GOOGLE_API_URL: google.apiUrl,
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      MICROSOFT_ISSUER: microsoft.issuer,
      MICROSOFT_CLIENT_ID: microsoft.clientId,
      MICROSOFT_CLIENT_SECRET: microsoft.clientSecret,
      GRAPH_URL: microsoft.graphUrl,
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'Video Conferences <no-reply@conferences.example>',
      HOST_ISSUER: module.issuer,
      HOST_JWKS_URL: `${module.issuer}/jwks.json`,
      EVENT_SECRETS: module.eventSecret,
      ...(meetUrls === 'local' ? { MEETING_HOSTS: world.url } : {}),
    },
    google,
    microsoft,
    mailbox,
    module,
    faults: world.faults,
    ledger: world.ledger,
    setAppUrl: (url) => {
      world.appUrl = withoutSlash(url);
    },
    leadMeetingsTo: (url) => {
      world.meetingsLeadTo = url;
    },
    autoConsent,
    close: async () => {
      await Promise.all([stop(server), smtp.close()]);
    },
  };
};

const withoutSlash = (url: string | undefined): string | undefined => url?.replace(/\/+$/u, '');

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

/** Requests that were left without an answer would keep the server open: they are cut. */
const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ParentMeetingsEvent, PersonData } from '#libs/client';
import type { Clock, HttpLimits } from '#libs/platform';
import type { LoginName } from '#libs/providers';
import { Browser } from '../../apps/cli/src/evening/browser.js';
import { startLocalProduct, type LocalProduct } from '../../apps/cli/src/local-product.js';
import type { Sandbox, SandboxMail } from '../../apps/sandbox/src/index.js';
import { ASchool } from './a-school.js';
import type { Backend } from './backends.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { until } from './until.js';

export type Role = 'teacher' | 'parent' | 'admin' | 'privacy' | 'support' | 'ops';

export interface Row {
  timeslotId: string;
  start: string;
  end: string;
  status: string | null;
  joinable: boolean;
  provider: string | null;
  owner: { id: string; name: string; account: string | null } | null;
  reason?: string;
  action?: string;
  meetingUrl?: string;
  [more: string]: unknown;
}

export interface Progress {
  total: number;
  ready: number;
  needsOwner: number;
  failed: number;
  working: number;
  perTeacher: ({ teacher: { id: string; name: string } } & Omit<Progress, 'perTeacher'>)[];
}

/**
 * The whole product in this process, on a database of its own, with the sandbox outside. Real: HTTP, Postgres, the
 * queue, the mails. Fake: Google, Microsoft, the mail server and the parent-meetings module (the sandbox).
 */
export class Product {
  private constructor(
    readonly db: TestDatabase,
    private readonly local: Omit<LocalProduct, 'settings'> & Partial<LocalProduct>,
  ) {}

  static async start(
    options: {
      backend?: Backend;
      settings?: Record<string, string>;
      clock?: Clock;
      port?: number;
      httpLimits?: HttpLimits;
    } = {},
  ): Promise<Product> {
    process.env['LOG_LEVEL'] ??= 'fatal';
    const db = await freshDatabase();
    const env = {
      DATABASE_URL: db.url,
      DATABASE_MIGRATION_URL: db.migrationUrl,
      ...(options.backend === 'redis' && {
        REDIS_URL: process.env['TEST_REDIS_URL'],
        QUEUE_PREFIX: `{e2e-${randomUUID().slice(0, 8)}}`,
      }),
    };
    try {
      const local = await startLocalProduct({
        env,
        port: options.port ?? 0,
        durable: false,
        ...(options.settings && { settings: options.settings }),
        ...(options.clock && { clock: options.clock }),
        ...(options.httpLimits && { httpLimits: options.httpLimits }),
      });
      local.sandbox.autoConsent(true);
      return new Product(db, local);
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** For a product that runs in processes of its own. `close` leaves those to whoever started them. */
  static at(appUrl: string, db: TestDatabase, sandbox: Sandbox): Product {
    return new Product(db, { appUrl, sandbox, close: () => sandbox.close() });
  }

  async close(): Promise<void> {
    await this.local.close();
    await this.db.close();
  }

  get appUrl(): string {
    return this.local.appUrl;
  }

  get port(): number {
    return this.local.settings?.port ?? Number(new URL(this.appUrl).port);
  }

  get sandbox(): Sandbox {
    return this.local.sandbox;
  }

  // ---- events in

  /** Signs and sends as the parent-meetings module does. @throws when it is refused */
  emit(...events: readonly ParentMeetingsEvent[]) {
    return this.sandbox.module.emit(events as never);
  }

  /** Sends raw bytes; what is not said otherwise is signed correctly. */
  post(
    body: unknown,
    wish: {
      type?: string | null;
      secret?: string;
      at?: Date;
      id?: string;
      headers?: Record<string, string | undefined>;
      signedBody?: string;
      signal?: AbortSignal;
    } = {},
  ): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const id = wish.id ?? `msg_${randomUUID()}`;
    const time = wish.at ?? new Date();
    const type =
      wish.type ??
      (wish.type === null ? null : `application/cloudevents${text.trimStart().startsWith('[') ? '-batch' : ''}+json`);
    const headers: Record<string, string | undefined> = {
      ...(type !== null && { 'content-type': type }),
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
      'webhook-signature': new Webhook(wish.secret ?? this.sandbox.module.eventSecret).sign(
        id,
        time,
        wish.signedBody ?? text,
      ),
      ...wish.headers,
    };
    const known = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return fetch(`${this.appUrl}/v1/events`, {
      method: 'POST',
      headers: Object.fromEntries(known),
      // Bytes, so that fetch adds no content type of its own.
      body: new TextEncoder().encode(text),
      ...(wish.signal && { signal: wish.signal }),
    });
  }

  // ---- who is calling

  bearer(role: Role | Role[], school: ASchool | null, person: Partial<PersonData> = {}): Promise<string> {
    return this.sandbox.module.token(wishOf(role, school, person));
  }

  /** One call with a bearer; the body of an answer is read by the caller. */
  async call(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) {
    return fetch(new URL(path, this.appUrl), {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  }

  async get<T>(token: string, path: string): Promise<T> {
    const response = await this.call(token, 'GET', path);
    if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** A browser in which this person is signed in. */
  async browser(role: Role | Role[], school: ASchool | null, person: Partial<PersonData> = {}): Promise<Browser> {
    const browser = new Browser();
    await this.enter(browser, role, school, person);
    return browser;
  }

  /** Signs in, in a browser whose other cookies stay. */
  async enter(
    browser: Browser,
    role: Role | Role[],
    school: ASchool | null,
    person: Partial<PersonData> = {},
  ): Promise<void> {
    const entered = await browser.fetch(await this.sandbox.module.enterUrl(wishOf(role, school, person), '/'));
    if (entered.status !== 303) throw new Error(`Signing in answered ${entered.status}.`);
  }

  /** Connects an account as a teacher does, on the provider's own pages. Where it ends: status, address, page. */
  async connect(browser: Browser, login: LoginName, account: string, to = '/privacy') {
    const consent = await this.consentUrl(browser, login, to);
    consent.searchParams.set('sandbox_account', account);
    return browser.open(consent.href);
  }

  /** The provider's page that connecting leads to. */
  async consentUrl(browser: Browser, login: LoginName, to = '/privacy'): Promise<URL> {
    const start = await browser.fetch(`${this.appUrl}/login/${login}?to=${encodeURIComponent(to)}`);
    const location = start.headers.get('location');
    if (start.status !== 303 || !location) throw new Error(`Connecting answered ${start.status}.`);
    return new URL(location);
  }

  /** A teacher's browser, signed in and connected with the teacher's own address. */
  async teacher(school: ASchool, login: LoginName = 'google', n = 1): Promise<Browser> {
    const teacher = school.teacher(n);
    const browser = await this.browser('teacher', school, teacher);
    const { status } = await this.connect(browser, login, teacher.email);
    if (status !== 200) throw new Error(`Connecting ended with ${status}.`);
    return browser;
  }

  send(browser: Browser, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    return browser.fetch(new URL(path, this.appUrl).href, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async visit(browser: Browser): Promise<{ resumed: number; needsOwner: number }> {
    const response = await this.send(browser, 'POST', '/v1/visits');
    if (response.status !== 200) throw new Error(`The visit answered ${response.status}.`);
    return (await response.json()) as { resumed: number; needsOwner: number };
  }

  // ---- what is

  async rows(school: ASchool, viewer: PersonData = school.teacher()): Promise<Row[]> {
    const token = await this.bearer('teacher', school, viewer);
    const path = `/v1/evenings/${school.evening.id}/conferences?limit=200`;
    return (await this.get<{ rows: Row[] }>(token, path)).rows;
  }

  async row(school: ASchool, n = 1, viewer: PersonData = school.teacher()): Promise<Row> {
    return this.get(await this.bearer('teacher', school, viewer), `/v1/timeslots/${school.slotId(n)}/conference`);
  }

  /** Watches the live progress (SSE) until it is as wished. */
  async untilProgress(school: ASchool, isThere: (progress: Progress) => boolean, seconds = 20): Promise<Progress> {
    const token = await this.bearer('admin', school);
    const ending = AbortSignal.timeout(seconds * 1000);
    let last = 'nothing';
    try {
      const response = await fetch(`${this.appUrl}/v1/evenings/${school.evening.id}/progress/stream`, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
        signal: ending,
      });
      if (response.status !== 200) throw new Error(`The stream answered ${response.status}.`);
      let text = '';
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (!data || !block.includes('event: progress')) continue;
          last = data;
          const progress = JSON.parse(data) as Progress;
          if (isThere(progress)) return progress;
        }
      }
    } catch (error) {
      if (!ending.aborted) throw error;
    }
    throw new Error(`The evening did not become as wished within ${seconds} s. Its last progress: ${last}`);
  }

  untilReady = (school: ASchool, count = 1) =>
    this.untilProgress(school, ({ ready, working }) => ready === count && working === 0);

  /** Until a row is as wished: for the statuses that progress does not count. */
  untilRow(school: ASchool, what: string, isThere: (row: Row) => boolean, n = 1): Promise<Row> {
    return until(`the row of slot ${n} ${what}`, async () => {
      const row = await this.row(school, n);
      return isThere(row) && row;
    });
  }

  /** The meetings that live in these accounts. */
  live(...accounts: string[]) {
    return this.sandbox.ledger.live().filter((entry) => accounts.includes(entry.account));
  }

  /** What was asked of the providers for this account, sign-in aside. */
  callsOf(account: string): string[] {
    return this.sandbox.ledger.requests
      .filter((request) => request.account === account && /^(events|calendars|onlineMeetings)/.test(request.operation))
      .map(({ operation }) => operation);
  }

  mailTo(person: PersonData, isIt: (mail: SandboxMail) => boolean = () => true): Promise<SandboxMail> {
    return this.sandbox.mailbox.waitFor((mail) => mail.envelope.to.includes(person.email) && isIt(mail), 15_000);
  }

  /** The one join link of the first mail to this parent. */
  async joinLink(person: PersonData): Promise<string> {
    return joinLinkOf(await this.mailTo(person));
  }
}

export const joinLinkOf = (mail: Pick<SandboxMail, 'text'>): string => {
  const links = [...new Set(mail.text.match(/https?:\/\/\S+\/j\/[\w-]+/g) ?? [])];
  if (links.length !== 1) throw new Error(`The mail holds ${links.length} join links.`);
  return links[0]!;
};

function wishOf(role: Role | Role[], school: ASchool | null, person: Partial<PersonData>) {
  const roles = [role].flat();
  return {
    sub: person.id ?? `p-${roles[0]}-${school?.id ?? 'nowhere'}`,
    ...(school && { school: school.id }),
    roles,
    name: person.name ?? `The ${roles[0]}`,
    email: person.email ?? `${roles[0]}@school.example`,
    locale: person.locale ?? 'nl',
  };
}

/** Follows no redirect and sends no cookie: what a mail scanner or an app does. */
export const bare = (url: string, init: RequestInit = {}) => fetch(url, { ...init, redirect: 'manual' });

export interface ProblemBody {
  type?: string;
  title: string;
  status: number;
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Observable, Subject } from 'rxjs';
import { SESSION_SECONDS } from '#libs/privacy';
import { Core } from '../core.js';
import type { Caller } from './caller.js';
import { Sessions } from './sessions.js';

/** Why a stream is ended from here. `signed-out`: the caller may not watch any more. `restart`: another process goes on. */
export type StreamEnd = 'signed-out' | 'restart';

const EVERY_MS = 1_000;

interface Stream {
  readonly caller: Caller;
  readonly end: Subject<StreamEnd>;
}

/**
 * Ends streams whose caller was let in and would not be let in any more: signed out, erased, left the school, or the token
 * is over. One statement a second for all streams of this process, none while nobody watches.
 */
@Injectable()
export class LiveStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<Stream>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  /** Emits once, when the caller's stream must end. To be unsubscribed when the stream ends by itself. */
  endOf(caller: Caller): Observable<StreamEnd> {
    return new Observable((subscriber) => {
      // A bearer token has no session: its stream ends with what ends the sessions of its person from now on.
      const endsWithPerson = new Date(this.core.clock.now().getTime() + SESSION_SECONDS * 1000);
      const watched = caller.via === 'session' ? caller : { ...caller, endsAt: endsWithPerson };
      const stream = { caller: watched, end: new Subject<StreamEnd>() };
      const overAt = caller.endsAt.getTime();
      const over = setTimeout(
        () => stream.end.next('signed-out'),
        Math.max(0, overAt - this.core.clock.now().getTime()),
      );
      this.open.add(stream);
      this.timer ??= setInterval(() => void this.check(), EVERY_MS);
      const subscription = stream.end.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        clearTimeout(over);
        this.open.delete(stream);
        if (this.open.size === 0) this.stop();
      };
    });
  }

  /** Before the server waits for its connections to end. */
  beforeApplicationShutdown(): void {
    for (const { end } of this.open) end.next('restart');
    this.stop();
  }

  private async check(): Promise<void> {
    const streams = [...this.open];
    try {
      const ended = new Set(await this.sessions.ended(streams.map(({ caller }) => caller)));
      for (const { caller, end } of streams) if (ended.has(caller)) end.next('signed-out');
    } catch {
      // Who may still watch is not known while Postgres is away; whoever asks again is judged then.
      for (const { end } of streams) end.next('restart');
    }
  }

  private stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }
}

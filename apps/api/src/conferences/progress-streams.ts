import { Inject, Injectable, type MessageEvent } from '@nestjs/common';
import { type Observable, concat, distinctUntilChanged, from, map, merge, of, switchMap, takeWhile, timer } from 'rxjs';
import type { Caller } from '../http/caller.js';
import { LiveStreams } from '../http/live-streams.js';
import { Problem } from '../http/problem.js';
import { ConferencesService, type Progress } from './conferences.service.js';

const LOOK_MS = 500;
const KEEP_ALIVE_MS = 25_000;
const SHARED_MS = 400;
/** When a browser comes back after this process ended its stream. */
const RECONNECT_MS = 1_000;
/** Of one person, over all tabs and browsers, and of all: in this process. */
const STREAMS_OF_PERSON = 10;
const STREAMS = 1_000;
const FULL_SECONDS = 15;

/**
 * Live progress by SSE: polls twice a second while somebody watches, shared by all who watch the same evening. The last event
 * is `ended`, with the reason: a browser whose session is over need not come back.
 */
@Injectable()
export class ProgressStreams {
  private readonly looks = new Map<string, { at: number; progress: Promise<Progress> }>();
  private readonly open = new Map<string, number>();
  private total = 0;

  constructor(
    @Inject(ConferencesService) private readonly conferences: ConferencesService,
    @Inject(LiveStreams) private readonly live: LiveStreams,
  ) {}

  of(caller: Caller, eveningId: string, first: Progress): Observable<MessageEvent> {
    const changes = concat(
      of(first),
      timer(LOOK_MS, LOOK_MS).pipe(switchMap(() => from(this.look(caller, eveningId)))),
    ).pipe(
      map((progress) => JSON.stringify(progress)),
      distinctUntilChanged(),
      map((data): MessageEvent => ({ type: 'progress', data })),
    );
    const alive = timer(KEEP_ALIVE_MS, KEEP_ALIVE_MS).pipe(map((): MessageEvent => ({ type: 'alive', data: '{}' })));
    const ended = this.live
      .endOf(caller)
      .pipe(map((reason): MessageEvent => ({ type: 'ended', data: JSON.stringify({ reason }), retry: RECONNECT_MS })));
    return merge(changes, alive, ended).pipe(takeWhile(({ type }) => type !== 'ended', true));
  }

  /**
   * Takes one of the places for streams.
   * @returns gives it back
   * @throws Problem 429 where this person, or everybody together, has as many as there may be
   */
  admit({ personId }: Caller): () => void {
    const own = this.open.get(personId) ?? 0;
    if (own >= STREAMS_OF_PERSON || this.total >= STREAMS)
      throw new Problem(
        429,
        own >= STREAMS_OF_PERSON
          ? `At most ${STREAMS_OF_PERSON} streams of one person are open at once. Close one, then try again.`
          : 'Too many streams are open. Ask for the progress without a stream, or try again later.',
        [],
        { 'Retry-After': String(FULL_SECONDS) },
      );
    this.open.set(personId, own + 1);
    this.total += 1;
    return () => {
      const left = this.open.get(personId)! - 1;
      if (left > 0) this.open.set(personId, left);
      else this.open.delete(personId);
      this.total -= 1;
    };
  }

  private look(caller: Caller, eveningId: string): Promise<Progress> {
    const key = JSON.stringify([caller.schoolId, eveningId]);
    const known = this.looks.get(key);
    if (known && Date.now() - known.at < SHARED_MS) return known.progress;
    const progress = this.conferences.progress(caller, eveningId);
    this.looks.set(key, { at: Date.now(), progress });
    progress.catch(() => undefined).finally(() => setTimeout(() => this.looks.delete(key), SHARED_MS * 5).unref());
    return progress;
  }
}

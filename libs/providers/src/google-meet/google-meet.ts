import { calendar } from '@googleapis/calendar';
import type { calendar_v3 } from '@googleapis/calendar';
import { Secret } from '#libs/encryption';
import { part } from '../answer-parts.js';
import type { MeetingProvider, MeetingSeen, MeetingWish, ProviderAccess } from '../meeting-provider.js';
import { unknownAnswer } from '../provider-answer.js';
import { ProviderError, onWhatIsThere } from '../provider-error.js';
import { googleAnswer } from './google-answer.js';
import {
  conferenceRequest,
  EVENT_FIELDS,
  eventOf,
  isCancelled,
  nextRequestId,
  seenOf,
  timesOf,
  updateOf,
} from './google-event.js';
import { googleMeaning } from './google-meaning.js';

export interface GoogleMeetSettings {
  /** Root of the API, with or without a trailing slash: `https://www.googleapis.com`. */
  readonly apiUrl: string;
  /** The calendar scope that logins ask for; decides between a calendar of our own and the primary one. */
  readonly scope: string;
}

type Options = { headers: Record<string, string>; signal: AbortSignal; fetchImplementation: typeof fetch };
const APP_CREATED = 'https://www.googleapis.com/auth/calendar.app.created';
const gone = (error: unknown) => error instanceof ProviderError && error.word === 'not-found';

/**
 * Google Meet by way of Google Calendar: one event per meeting, its id chosen by us, so that a repeated insert answers
 * 409 and is adopted (providers.md §2). Deleting an event does not end its Meet link at once; nobody is told it does.
 */
export class GoogleMeet implements MeetingProvider {
  readonly name = 'google-meet';
  readonly requestsPerCreate = 1;
  private readonly api: calendar_v3.Calendar;

  constructor(
    private readonly settings: GoogleMeetSettings,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.api = calendar({
      version: 'v3',
      rootUrl: `${settings.apiUrl.replace(/\/+$/, '')}/`,
      // The queue owns retries: gaxios would retry reads three times and ignore Retry-After (providers.md §5.2).
      retry: false,
      retryConfig: { retry: 0 },
    });
  }

  /**
   * Makes a calendar of our own under `calendar.app.created`. Under any other scope meetings go to the account's own
   * calendar, unasked: reading its conference types needs a wider scope than `calendar.events.owned`, so there the
   * first insert tells.
   */
  async openPlace(access: ProviderAccess, place: { title: string; timeZone: string }): Promise<Secret> {
    if (this.settings.scope !== APP_CREATED) return new Secret('primary');
    const made = await this.ask(access, true, (options) =>
      this.api.calendars.insert(
        { fields: 'id,conferenceProperties', requestBody: { summary: place.title, timeZone: place.timeZone } },
        options,
      ),
    );
    const id = part(made, 'id');
    if (typeof id !== 'string' || id === '') throw this.strange(true);
    const types = part(made, 'conferenceProperties', 'allowedConferenceSolutionTypes');
    // Anything but a list is not understood, and says no more than silence: the first insert tells.
    if (Array.isArray(types) && !types.includes('hangoutsMeet')) {
      // Not of use to anybody; left behind it would only clutter the account. The refusal stands either way.
      await this.ask(access, true, (options) => this.api.calendars.delete({ calendarId: id }, options)).catch(() => {});
      throw new ProviderError('refused', 'no-conferences');
    }
    return new Secret(id);
  }

  async create(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    try {
      const event = await this.ask(access, true, (options) =>
        this.api.events.insert(
          {
            calendarId: calendarOf(wish),
            conferenceDataVersion: 1,
            sendUpdates: 'none',
            fields: EVENT_FIELDS,
            requestBody: eventOf(wish),
          },
          options,
        ),
      );
      return this.seen(event, true);
    } catch (error) {
      if (error instanceof ProviderError && error.details.status === 409)
        return onWhatIsThere(() => this.adopt(access, wish));
      if (gone(error)) throw await this.whatIsMissing(access, wish);
      throw error;
    }
  }

  async read(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    return this.seen(await this.get(access, wish), false);
  }

  async update(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    const event = await this.patch(access, wish, updateOf(wish));
    const seen = this.seen(event, true);
    if (seen.conference !== 'failed') return seen;
    const again = await this.patch(access, wish, {
      ...timesOf(wish),
      ...conferenceRequest(nextRequestId(wish, event)),
    });
    return this.seen(again, true);
  }

  /**
   * Blanks, deletes, then reads: a cancelled event stays readable with its details for a while (providers.md §2.4), so
   * what it shows is emptied first.
   */
  async remove(access: ProviderAccess, wish: MeetingWish): Promise<void> {
    try {
      await this.patch(access, wish, { summary: '', description: '', location: '' });
    } catch (error) {
      if (gone(error)) return;
      // An event that may not be changed can still be deleted, and that matters more.
      if (!(error instanceof ProviderError && error.word === 'refused')) throw error;
    }
    try {
      await this.ask(access, true, (options) =>
        this.api.events.delete({ calendarId: calendarOf(wish), eventId: idOf(wish), sendUpdates: 'none' }, options),
      );
      if (!isCancelled(await this.get(access, wish))) throw this.strange(true);
    } catch (error) {
      if (!gone(error)) throw error;
    }
  }

  /**
   * An insert names no event, so what was not found is the calendar: its owner deleted it. Google also says so by mistake
   * (its guide suggests back-off, providers.md §2.5), and another calendar would leave everything in the old one behind.
   */
  private async whatIsMissing(access: ProviderAccess, wish: MeetingWish): Promise<ProviderError> {
    const calendarId = calendarOf(wish);
    try {
      // Of the account's own calendar we may not ask, and it cannot be deleted.
      if (calendarId !== 'primary')
        await this.ask(access, false, (options) => this.api.calendars.get({ calendarId, fields: 'id' }, options));
    } catch (error) {
      if (gone(error)) return new ProviderError('not-found', 'place-not-found', { status: 404 });
      return error as ProviderError;
    }
    return new ProviderError('unavailable', 'unknown-answer', { status: 404 });
  }

  private async adopt(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    const mine = { ...wish, id: null };
    const seen = this.seen(await this.get(access, mine), false);
    const agrees = seen.start.getTime() === wish.start.getTime() && seen.end.getTime() === wish.end.getTime();
    return agrees ? seen : this.update(access, mine);
  }

  private get(access: ProviderAccess, wish: MeetingWish): Promise<unknown> {
    return this.ask(access, false, (options) =>
      this.api.events.get({ calendarId: calendarOf(wish), eventId: idOf(wish), fields: EVENT_FIELDS }, options),
    );
  }

  private patch(access: ProviderAccess, wish: MeetingWish, requestBody: calendar_v3.Schema$Event) {
    return this.ask(access, true, (options) =>
      this.api.events.patch(
        {
          calendarId: calendarOf(wish),
          eventId: idOf(wish),
          conferenceDataVersion: 1,
          sendUpdates: 'none',
          fields: EVENT_FIELDS,
          requestBody,
        },
        options,
      ),
    );
  }

  private seen(event: unknown, write: boolean): MeetingSeen {
    if (isCancelled(event)) throw new ProviderError('not-found', 'not-found');
    const seen = seenOf(event);
    if (!seen) throw this.strange(write);
    return seen;
  }

  /** The one way out to Google: whatever the client throws ends here, and whatever it answers is to be read with care. */
  private async ask(
    access: ProviderAccess,
    write: boolean,
    call: (options: Options) => Promise<{ data: unknown }>,
  ): Promise<unknown> {
    let answered: Response | null = null;
    const headers = { Authorization: `Bearer ${access.accessToken.reveal()}` };
    const fetchImplementation: typeof fetch = async (input, init) => {
      // A redirect would carry the request to a host that nobody configured: it is an answer, and no answer of Google's.
      answered = await fetch(withPath(input, this.settings.apiUrl), { ...init, redirect: 'manual' });
      return answered;
    };
    try {
      return (await call({ headers, signal: access.signal, fetchImplementation })).data;
    } catch (thrown) {
      const asked = { write, now: this.now(), aborted: access.signal.aborted };
      throw googleMeaning(googleAnswer(thrown, answered), asked);
    }
  }

  private strange(write: boolean): ProviderError {
    return unknownAnswer({ status: null, codes: [], retryAfter: null }, { write, now: this.now(), aborted: false });
  }
}

const calendarOf = (wish: MeetingWish): string => wish.place?.reveal() ?? 'primary';
const idOf = (wish: MeetingWish): string => wish.id?.reveal() ?? wish.key;

/** The client keeps only the origin of its root; a path of GOOGLE_API_URL (a gateway's) is put back here. */
function withPath(input: string | URL | Request, apiUrl: string): string | URL | Request {
  const base = new URL(apiUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  if (prefix === '' || input instanceof Request) return input;
  const url = new URL(input);
  if (url.origin === base.origin && !url.pathname.startsWith(`${prefix}/`)) url.pathname = `${prefix}${url.pathname}`;
  return url;
}

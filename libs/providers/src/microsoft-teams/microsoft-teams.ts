import type { GraphRequest } from '@microsoft/microsoft-graph-client';
import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';
import { Secret } from '#libs/encryption';
import { instantOf, isObject, linkOf } from '../answer-parts.js';
import type { MeetingProvider, MeetingSeen, MeetingWish, ProviderAccess } from '../meeting-provider.js';
import { unknownAnswer } from '../provider-answer.js';
import { ProviderError, onWhatIsThere } from '../provider-error.js';
import { graphAnswer } from './graph-answer.js';
import { graphClient } from './graph-client.js';
import { graphMeaning } from './graph-meaning.js';
import { MEETING_SETTINGS, settingsAreAll, settingsHold } from './teams-settings.js';

export interface MicrosoftTeamsSettings {
  /** Root of Graph without a version, with or without a trailing slash: `https://graph.microsoft.com`. */
  readonly graphUrl: string;
}

const MEETINGS = '/me/onlineMeetings';
const pathOf = (id: Secret) => `${MEETINGS}/${encodeURIComponent(id.reveal())}`;
const gone = (error: unknown) => error instanceof ProviderError && error.word === 'not-found';

/**
 * Teams online meetings, made by createOrGet under our key, then set and verified (providers.md §4). They stand in no
 * calendar, so no calendar scope is asked for and none can be read.
 */
export class MicrosoftTeams implements MeetingProvider {
  readonly name = 'microsoft-teams';
  /** createOrGet takes no settings, so they follow in a PATCH. */
  readonly requestsPerCreate = 2;

  constructor(
    private readonly settings: MicrosoftTeamsSettings,
    private readonly now: () => Date = () => new Date(),
  ) {}

  openPlace(): Promise<null> {
    return Promise.resolve(null);
  }

  async create(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    const found = await this.createOrGet(access, wish);
    const agrees =
      found.seen.start.getTime() === wish.start.getTime() && found.seen.end.getTime() === wish.end.getTime();
    if (agrees && settingsAreAll(found.meeting)) return found.seen;
    const wanted = { ...MEETING_SETTINGS, ...(agrees ? {} : timesOf(wish)) };
    return onWhatIsThere(() => this.setMade(access, found.seen.id, wanted));
  }

  /** There is no asking by key at Graph without making the meeting, so an id is needed: without one ask by `create`. */
  async read(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    if (!wish.id) throw new ProviderError('refused', 'bad-request');
    const { id } = wish;
    return this.seen(await this.ask(access, pathOf(id), false, (request) => request.get()), false).seen;
  }

  async update(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    if (!wish.id) return this.create(access, wish);
    return this.setAndVerify(access, wish.id, { ...MEETING_SETTINGS, ...timesOf(wish) });
  }

  /** Locks, in case somebody opened the lobby; deletes; and asks again, expecting nothing. */
  async remove(access: ProviderAccess, wish: MeetingWish): Promise<void> {
    if (wish.id) return this.removeById(access, wish.id);
    const { id } = (await this.createOrGet(access, wish)).seen;
    return onWhatIsThere(() => this.removeById(access, id));
  }

  private async removeById(access: ProviderAccess, id: Secret): Promise<void> {
    try {
      await this.patch(access, id, MEETING_SETTINGS);
    } catch (error) {
      if (gone(error)) return;
      // A meeting that may not be changed can still be deleted, and that matters more.
      if (!(error instanceof ProviderError && error.word === 'refused')) throw error;
    }
    try {
      await this.ask(access, pathOf(id), true, (request) => request.delete());
      await this.ask(access, pathOf(id), false, (request) => request.get());
    } catch (error) {
      if (gone(error)) return;
      throw error;
    }
    throw this.strange(true);
  }

  private async createOrGet(access: ProviderAccess, wish: MeetingWish) {
    const body = { externalId: wish.key, subject: wish.title, ...timesOf(wish) };
    return this.seen(await this.ask(access, `${MEETINGS}/createOrGet`, true, (request) => request.post(body)), true);
  }

  /** Graph has just handed out this id: one that it does not find yet is found later, and is not gone. */
  private async setMade(access: ProviderAccess, id: Secret, wanted: OnlineMeeting): Promise<MeetingSeen> {
    try {
      return await this.setAndVerify(access, id, wanted);
    } catch (error) {
      throw gone(error) ? this.strange(true) : error;
    }
  }

  /** A setting that did not hold is asked for once more, then left to a later try: nobody gets the link before it holds. */
  private async setAndVerify(access: ProviderAccess, id: Secret, wanted: OnlineMeeting): Promise<MeetingSeen> {
    let { meeting, seen } = this.seen(await this.patch(access, id, wanted), true);
    if (!settingsHold(meeting)) ({ meeting, seen } = this.seen(await this.patch(access, id, wanted), true));
    if (!settingsHold(meeting)) throw this.strange(true);
    return seen;
  }

  private patch(access: ProviderAccess, id: Secret, wanted: OnlineMeeting): Promise<unknown> {
    return this.ask(access, pathOf(id), true, (request) => request.patch(wanted));
  }

  private seen(answer: unknown, write: boolean): { meeting: Record<string, unknown>; seen: MeetingSeen } {
    const meeting = isObject(answer) ? answer : {};
    const { id } = meeting;
    const [start, end] = [instantOf(meeting['startDateTime']), instantOf(meeting['endDateTime'])];
    const url = linkOf(meeting['joinWebUrl']);
    if (typeof id !== 'string' || id === '' || !start || !end || url === undefined) throw this.strange(write);
    return {
      meeting,
      seen: {
        id: new Secret(id),
        url: url === null ? null : new Secret(url),
        conference: url === null ? 'pending' : 'ready',
        settingsHold: settingsHold(meeting),
        start,
        end,
      },
    };
  }

  /** The one way out to Graph: whatever the client throws ends here, and whatever it answers is to be read with care. */
  private async ask(
    access: ProviderAccess,
    path: string,
    write: boolean,
    call: (request: GraphRequest) => Promise<unknown>,
  ): Promise<unknown> {
    let answered: Response | null = null;
    const client = graphClient(this.settings.graphUrl, access, (response) => (answered = response));
    try {
      return await call(client.api(path));
    } catch (thrown) {
      const asked = { write, now: this.now(), aborted: access.signal.aborted };
      throw graphMeaning(graphAnswer(thrown, answered), asked);
    }
  }

  private strange(write: boolean): ProviderError {
    return unknownAnswer({ status: null, codes: [], retryAfter: null }, { write, now: this.now(), aborted: false });
  }
}

/** Graph takes times in pairs only. */
const timesOf = (wish: MeetingWish) => ({
  startDateTime: wish.start.toISOString(),
  endDateTime: wish.end.toISOString(),
});

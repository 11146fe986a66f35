import { providerKey } from '#libs/conferences';
import { rows, sql } from '#libs/database';
import type { EmailMessage } from '#libs/notifications';
import type { FakeMeeting, ProviderName } from '#libs/providers';
import type { WishedSlot } from '../wished.js';
import type { World } from './world.js';

/** A URL that a parent was shown. */
export interface Shown {
  readonly slot: string;
  readonly parent: string;
  readonly url: string;
}

/** The oracle of what must hold at every moment: each thing is judged when it happens. What holds at rest: `missing`. */
export class Judge {
  readonly shown: Shown[] = [];
  /** Slots that parents could join, and the wish that made it so. */
  private joinable = new Set<string>();
  /** Somebody changed things at the provider: what then happens to a URL is not ours to keep. */
  private touched = false;
  private readonly suspensions = new Map<string, number>();

  constructor(private readonly world: World) {}

  /** No meeting without an intent that was committed before, none for somebody else, none late (P2, invariants 2 and 6). */
  async meetingMade(provider: ProviderName, made: FakeMeeting): Promise<void> {
    const meeting = (await this.world.meetings()).find((one) => providerKey(this.world.index, one.id) === made.key);
    if (!meeting) return this.world.violation(`I2 ${provider} made a meeting that no row knows`);
    if (meeting.operation === null)
      this.world.violation(`I2 ${provider} made a meeting of ${meeting.timeslotId} without an intent`);
    if (!made.account.startsWith(`${meeting.ownerId}.`))
      this.world.violation(`I6 a meeting of ${meeting.ownerId} was made with the token of ${made.account}`);
    const slot = this.world.wished.slots.get(meeting.timeslotId);
    if (slot && meeting.operation === 'create' && meeting.wished && slot.end <= this.world.instant)
      this.world.violation(`P2 a meeting of ${meeting.timeslotId} was made when the slot was over`);
    const live = this.world.providers[provider].fake.liveMeetings().filter((one) => one.key === made.key);
    if (live.length > 1) this.world.violation(`I2 two live meetings of one generation of ${meeting.timeslotId}`);
  }

  /** Only who is entitled sees the URL, of the own slot, in its window (invariant 3, R6). */
  async urlShown(slotId: string, parentId: string, url: string): Promise<void> {
    const slot = this.world.wished.slots.get(slotId)!;
    const { revealMinutes } = this.world.wished;
    const isInWindow =
      revealMinutes === null ||
      (this.world.instant >= slot.start - revealMinutes * 60_000 && this.world.instant <= slot.end + 30 * 60_000);
    if (!this.world.wished.isEntitled(slot, parentId))
      this.world.violation(`I3 ${parentId} got the URL of ${slotId}, not entitled`);
    if (!this.world.wished.isWanted(slot))
      this.world.violation(`I3 the URL of ${slotId} was shown, which takes no place`);
    if (!isInWindow) this.world.violation(`I3 the URL of ${slotId} was shown outside its window`);
    const meeting = await this.world.meetingOf(url);
    if (meeting?.timeslotId !== slotId)
      this.world.violation(`R6 ${parentId} of ${slotId} got the URL of ${meeting?.timeslotId}`);
    this.shown.push({ slot: slotId, parent: parentId, url });
  }

  /** Checked when the sending begins; what a frozen worker then sends was right at that moment. */
  receiver(message: EmailMessage): void {
    const parent = message.to.address.reveal().split('@')[0]!;
    const uid = /^UID:(.*)$/m.exec(message.calendar?.content.replaceAll('\r\n ', '') ?? '')?.[1]?.trim();
    if (uid === undefined) return;
    const slot = [...this.world.wished.slots.values()].find((one) => this.world.uidOf(one, parent) === uid);
    if (!slot || !this.world.wished.isEntitled(slot, parent))
      this.world.violation(`I4 ${parent} got a mail about ${slot?.id}, not entitled`);
  }

  /** What parents could join stays so while it is wanted: the new one is made before the old one goes (P6). */
  async joinableStays(isOutside: boolean): Promise<void> {
    const published = await this.world.look((em) =>
      rows(
        em,
        sql<{
          id: string;
        }>`select c.timeslot_id as id from conferences c join meetings m on m.id = c.published_id where m.url_index is not null`,
      ),
    );
    const now = new Set(published.map(({ id }) => id));
    if (isOutside) this.touched = true;
    for (const id of this.joinable) {
      const slot = this.world.wished.slots.get(id)!;
      if (this.touched || now.has(id) || !this.world.wished.isWanted(slot) || slot.end <= this.world.instant) continue;
      if (this.wasSuspended(slot)) continue;
      this.world.violation(`P6 ${id} could be joined and cannot be any more`);
    }
    this.joinable = now;
  }

  /** A wish that went away and came again between two looks is a new one. */
  private wasSuspended(slot: WishedSlot): boolean {
    const before = this.suspensions.get(slot.id) ?? 0;
    this.suspensions.set(slot.id, slot.suspensions);
    return slot.suspensions !== before;
  }
}

import { conferenceView, meetingUrlOf, providerKey } from '#libs/conferences';
import { PROVIDERS } from '#libs/providers';
import type { Shown } from './judge.js';
import { SCHOOL } from './who.js';
import type { World } from './world.js';

/** What is not yet as the school wishes. */
export async function missing(world: World, shown: readonly Shown[]): Promise<string[]> {
  const wrong: string[] = [];
  const now = world.clock.now();
  const meetings = await world.meetings();
  const byKey = new Map(meetings.map((meeting) => [providerKey(world.index, meeting.id), meeting]));
  const live = PROVIDERS.flatMap((provider) =>
    world.providers[provider].fake.liveMeetings().map((made) => ({ provider, made, meeting: byKey.get(made.key) })),
  );
  for (const { meeting, provider } of live) if (!meeting) wrong.push(`I2 an orphan at ${provider}`);
  for (const wished of world.wished.slots.values()) {
    const own = live.filter(({ meeting }) => meeting?.timeslotId === wished.id);
    const slot = (await world.slot(wished.id))!;
    const view = conferenceView(slot, now);
    const { timeslot } = slot;
    const differs =
      timeslot.version !== wished.version ||
      timeslot.startAt.getTime() !== wished.start ||
      timeslot.endAt.getTime() !== wished.end ||
      timeslot.status !== wished.status ||
      timeslot.teacherId !== wished.teacher;
    if (differs) wrong.push(`I5 ${wished.id} is not the slot that was told last`);
    const entitled = slot.parents
      .filter((parent) => parent.assigned && parent.present)
      .map((parent) => parent.personId);
    const expected = [...wished.parents].filter((parent) => world.wished.isPresent(parent));
    if (entitled.sort().join() !== expected.sort().join())
      wrong.push(`I5 the parents of ${wished.id} are not those that were told last`);
    if (!world.wished.isWanted(wished)) {
      if (own.length > 0) wrong.push(`I1 ${wished.id} is not wanted and has ${own.length} meetings (${view.status})`);
      if (view.joinable) wrong.push(`I3 ${wished.id} is not wanted and joinable`);
      continue;
    }
    if (wished.end <= world.instant) continue;
    const { provider, owner } = wished.wish!;
    // Nothing more is made for a teacher who left; what is there stays until it is taken over.
    if (!world.wished.isPresent(owner)) continue;
    if (own.length !== 1) {
      const states = slot.meetings.map(
        (one) => `${one.generation}:${one.wished ? '+' : '-'}${one.state}/${one.reason}`,
      );
      wrong.push(`I1 ${wished.id} has ${own.length} meetings instead of one (${view.status}; ${states.join(' ')})`);
      continue;
    }
    const [{ made, provider: at, meeting }] = own as [(typeof own)[number]];
    if (at !== provider) wrong.push(`I1 ${wished.id} is at ${at}`);
    if (!made.account.startsWith(`${owner}.`)) wrong.push(`I1 ${wished.id} is in the account of ${made.account}`);
    if (made.start.getTime() !== wished.start || made.end.getTime() !== wished.end)
      wrong.push(`I1 ${wished.id} has the wrong time at the provider`);
    if (!made.settingsHold) wrong.push(`P9 the lobby of ${wished.id} is open`);
    if (view.status !== 'ready' || !view.joinable || view.published?.id !== meeting!.id)
      wrong.push(`I1 ${wished.id} is ${view.status} (${view.reason})`);
    else {
      await world.look((em) => world.keys.load(em, [{ school: SCHOOL }]));
      const url = await meetingUrlOf(world.keys, view.published);
      if (url !== made.url) wrong.push(`I1 the URL of ${wished.id} is not the provider's`);
      for (const seen of shown)
        if (seen.slot === wished.id && seen.url === url && !world.wished.isEntitled(wished, seen.parent))
          wrong.push(`P3 a former parent of ${wished.id} knows its URL`);
    }
  }
  return wrong;
}

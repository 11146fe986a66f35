import { PROVIDERS } from '#libs/providers';
import type { Step } from '../plan.js';
import type { World } from './world.js';

/** Somebody changes or deletes at the provider what we made. */
export function outside(world: World, pick: number, what: Extract<Step, { do: 'outside' }>['what']): void {
  const live = PROVIDERS.flatMap((provider) =>
    world.providers[provider].fake.liveMeetings().map((meeting) => ({ fake: world.providers[provider].fake, meeting })),
  );
  const found = live[pick % Math.max(1, live.length)];
  if (!found) return;
  const { fake, meeting } = found;
  if (what === 'delete') meeting.deleted = true;
  else if (what === 'move') meeting.start = new Date(meeting.start.getTime() + 300_000);
  else if (what === 'open-lobby') meeting.settingsHold = fake.name !== 'microsoft-teams';
  else if (meeting.place !== null) fake.deletePlace(meeting.place);
  world.count(`outside: ${what}`);
}

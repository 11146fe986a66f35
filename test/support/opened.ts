import {
  conferenceView,
  currentMeeting,
  isEntitled,
  contactsOf,
  profilesOf,
  schoolOf,
  eveningNameOf,
  slotsOfEvening,
} from '#libs/conferences';
import type { Em } from '#libs/database';
import type { World } from './world.js';

/**
 * Everything that events say of one school, opened, as far as it must not depend on the order in which they came: no
 * random ids or tokens, no history.
 */
export const openedSchool = (world: World, schoolId: string, asId = schoolId) =>
  world.in(schoolId, (em) => opened(em, world, schoolId, asId));

async function opened(em: Em, world: World, schoolId: string, asId: string) {
  const { keys, index } = world;
  const deps = { keys, index, now: world.clock.now() };
  const all = <T extends object>(text: string) => world.db.query<T & Record<string, unknown>>(text, [schoolId]);
  const people = await all<{ id: string; present: boolean }>(
    `select id, left_at is null or (told_at, told_id collate "C") > (left_at, left_id collate "C") as present from people where school_id = $1 and profile_sealed <> '' order by id collate "C"`,
  );
  const profiles = await profilesOf(
    em,
    keys,
    schoolId,
    people.map(({ id }) => id),
  );
  const evenings = await all<{ id: string }>('select id from evenings where school_id = $1 order by id collate "C"');
  const school = await schoolOf(em, keys, schoolId);
  const contacts = await contactsOf(em, keys, schoolId);
  const slots = [];
  for (const { id } of evenings) slots.push(...((await slotsOfEvening(em, deps, schoolId, id)) ?? []));
  return {
    school: school && { ...school, id: asId },
    contacts,
    people: people.map(({ id, present }) => ({ ...profiles.get(id), present })),
    evenings: await Promise.all(
      evenings.map(async ({ id }) => ({ id, name: await eveningNameOf(em, keys, schoolId, id) })),
    ),
    slots: await Promise.all(
      slots
        .sort((a, b) => (a.timeslot.id < b.timeslot.id ? -1 : 1))
        .map(async (slot) => ({
          timeslot: { ...slot.timeslot, schoolId: asId },
          wish: slot.conference?.provider ? [slot.conference.provider, slot.conference.ownerId] : null,
          meeting: (({ provider, ownerId, state }) => ({ provider, ownerId, state }))(
            currentMeeting(slot) ?? { provider: null, ownerId: null, state: null },
          ),
          joinable: conferenceView(slot, deps.now).joinable,
          parents: await Promise.all(
            slot.parents
              .filter(({ assigned }) => assigned)
              .map(async (parent) => ({
                personId: parent.personId,
                household: parent.household,
                isEntitled: isEntitled(parent),
                about: parent.aboutSealed
                  ? (
                      await keys.open(parent.aboutSealed, {
                        table: 'timeslot_parents',
                        column: 'about_sealed',
                        row: slot.timeslot.id,
                        school: schoolId,
                        person: parent.personId,
                      })
                    ).reveal()
                  : null,
                links: (
                  await world.db.query(
                    'select 1 from join_links where school_id = $1 and timeslot_id = $2 and person_id = $3',
                    [schoolId, slot.timeslot.id, parent.personId],
                  )
                ).length,
              })),
          ),
        })),
    ),
  };
}

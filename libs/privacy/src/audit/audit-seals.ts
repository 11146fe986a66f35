import type { SealContext } from '#libs/encryption';

/** Who did it: under that person's own key. */
export const actorContext = (id: string, school: string, person: string): SealContext => ({
  table: 'audit_entries',
  column: 'actor_sealed',
  row: id,
  school,
  person,
});

/** What it was about: under the key of the person concerned, or of the school where nobody is named. */
export const aboutContext = (id: string, school: string, person: string | undefined): SealContext => ({
  table: 'audit_entries',
  column: 'about_sealed',
  row: id,
  school,
  ...(person !== undefined && { person }),
});

import { type Caller, hasRole } from '../http/caller.js';

/** `own`: everything, the own links too. `whole`: everything but what opens a meeting. `masked`: names and addresses hidden. */
export type PersonView = 'own' | 'whole' | 'masked';

/**
 * Whose data may a caller see, and how (R12, R13)? The one decision: everybody their own, privacy officers those of their
 * school, support masked and only to look. Null: as if the person were unknown. Nobody sees another member of the household.
 */
export function viewOf(caller: Caller, personId: string, does: 'look' | 'change'): PersonView | null {
  if (caller.personId === personId) return 'own';
  if (caller.schoolId === null) return null;
  if (hasRole(caller, 'privacy')) return 'whole';
  return does === 'look' && hasRole(caller, 'support') ? 'masked' : null;
}

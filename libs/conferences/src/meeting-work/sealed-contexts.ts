import type { MeetingState } from '../model.js';

type OfSchool = Pick<MeetingState, 'id' | 'schoolId'>;

/** Where the account's e-mail address is sealed (R7). */
export const accountContext = (meeting: OfSchool) => ({
  table: 'meetings',
  column: 'account_sealed',
  row: meeting.id,
  school: meeting.schoolId,
});

/** Where what the provider made is sealed. */
export const madeContext = (meeting: OfSchool) => ({
  table: 'meetings',
  column: 'made_sealed',
  row: meeting.id,
  school: meeting.schoolId,
});

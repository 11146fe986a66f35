import type { Sealed } from '#libs/encryption';
import type { DataKeys } from '#libs/database';
import type { MeetingState } from '../model.js';
import { madeContext } from './sealed-contexts.js';

type OfSchool = Pick<MeetingState, 'id' | 'schoolId'>;

/** What the provider made, by its own names; the school's key must be loaded to read or write it. */
export interface Made {
  readonly id: string;
  /** Null: forgotten after the evening, or not there yet. */
  readonly url: string | null;
  /** The calendar that it is in, whichever the account's next meetings go to; null where the provider has none. */
  readonly place?: string | null;
}

export const openMade = async (keys: DataKeys, meeting: OfSchool, sealed: Sealed): Promise<Made> =>
  JSON.parse((await keys.open(sealed, madeContext(meeting))).reveal()) as Made;

export const sealMade = (keys: DataKeys, meeting: OfSchool, made: Made): Promise<Sealed> =>
  keys.seal(JSON.stringify(made), madeContext(meeting));

import type { LoginName } from '#libs/providers';

// Who is who in every history: one school, one evening, a few teachers, parents and slots by number.

export const SCHOOL = 's-1';
export const EVENING = 'e-1';
export const APP_URL = 'https://conferences.example';

export const teacher = (n: number) => `p-t${n}`;
export const parent = (n: number) => `p-p${n}`;
export const slotId = (n: number) => `t-${n}`;
export const person = (id: string) => ({ id, name: `Name of ${id}`, email: `${id}@mail.example`, locale: 'nl' });
export const slotRef = (timeslotId: string) => ({ schoolId: SCHOOL, timeslotId });
export const caller = (n: number) => ({ schoolId: SCHOOL, personId: teacher(n) });

/** A teacher's accounts have the owner in their name, so that a wrong one can be told. */
export const accountOf = (n: number, login: LoginName, account: number) => `${teacher(n)}.${login}.${account}`;

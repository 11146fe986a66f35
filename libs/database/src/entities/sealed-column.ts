import { p } from '@mikro-orm/core';
import type { Sealed } from '#libs/encryption';

/** A column that holds ciphertext only and is never opened by the ORM; `hidden` marks it. */
export const sealed = () => p.text().$type<Sealed>().hidden();

import { defineEntity, p } from '@mikro-orm/core';

// What is kept of sign-ins: keyed hashes. The login itself is in the teacher's cookie only.

/** Tickets used and sessions ended, until they would have ended anyway. */
export const SpentToken = defineEntity({
  name: 'SpentToken',
  tableName: 'spent_tokens',
  properties: { hash: p.blob().primary(), expiresAt: p.datetime(3) },
});

/** How often a person ended a login everywhere; cookies of an earlier epoch are worth nothing. */
export const LoginEpoch = defineEntity({
  name: 'LoginEpoch',
  tableName: 'login_epochs',
  properties: { loginIndex: p.blob().primary(), epoch: p.integer() },
});

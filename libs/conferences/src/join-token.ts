import { createHash, randomBytes } from 'node:crypto';

/** A join link's secret: 256 random bits. Only its hash can be looked up; the token itself is sealed for its person. */
export const newJoinToken = (): string => randomBytes(32).toString('base64url');

export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();

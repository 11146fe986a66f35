import type { IncomingMessage } from 'node:http';

/** What a body says it is, without its parameters, in small letters; empty where it says nothing. */
export const mediaTypeOf = ({ headers }: IncomingMessage) =>
  (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();

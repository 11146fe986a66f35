import { CompactSign } from 'jose';
import type { SigningKeys } from '../ledger/signing-keys.js';

/** What a receipt says. Counts and instants; no name, no address, no id of a person. */
export interface ErasureReceipt {
  /** Whose word it is: APP_URL. */
  readonly issuer: string;
  readonly erasure: string;
  readonly school: string;
  readonly requestedAt: string;
  readonly erasedAt: string;
  readonly doneAt: string;
  /** What was erased, by kind. */
  readonly erased: Readonly<Record<string, number>> | null;
  readonly leftAtProvider: {
    readonly meetings: number;
    readonly why: string | null;
  };
  /** Its line in the erasure ledger. */
  readonly ledgerSequence: number;
}

/** A compact JWS (EdDSA) that anybody can verify with the public key at /.well-known/jwks.json. */
export const signReceipt = (keys: SigningKeys, receipt: ErasureReceipt): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'erasure-receipt+json', kid: keys.kid })
    .sign(keys.privateKey);

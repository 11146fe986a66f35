import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { Secret } from './secret.js';

declare const sealedBrand: unique symbol;

/** A column that only `open()` reads: `s1.<iv>.<ciphertext>.<tag>`, base64url. */
export type Sealed = string & { readonly [sealedBrand]: true };

/** What a sealed value belongs to. All of it is authenticated: a ciphertext moved to another place does not open. */
export interface SealContext {
  readonly table: string;
  readonly column: string;
  /** Natural or surrogate key of the row. */
  readonly row: string;
  readonly school: string;
  readonly person?: string;
}

const HEADER = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM' })).toString('base64url');
const aad = (context: SealContext) =>
  new TextEncoder().encode(
    JSON.stringify([context.table, context.column, context.row, context.school, context.person ?? null]),
  );

/** Seals one value with a data key (32 bytes) by jose's A256GCM. */
export async function seal(key: Uint8Array, value: string, context: SealContext): Promise<Sealed> {
  const jwe = await new FlattenedEncrypt(new TextEncoder().encode(value))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAdditionalAuthenticatedData(aad(context))
    .encrypt(key);
  return `s1.${jwe.iv}.${jwe.ciphertext}.${jwe.tag}` as Sealed;
}

/** @throws Error without the value when the ciphertext is not the one that belongs here. */
export async function open(key: Uint8Array, sealed: Sealed, context: SealContext): Promise<Secret> {
  const [version, iv, ciphertext, tag] = sealed.split('.');
  if (version !== 's1' || !iv || ciphertext === undefined || !tag)
    throw new Error(`${context.table}.${context.column} does not hold a sealed value.`);
  try {
    const { plaintext } = await flattenedDecrypt(
      { protected: HEADER, iv, ciphertext, tag, aad: Buffer.from(aad(context)).toString('base64url') },
      key,
    );
    return new Secret(new TextDecoder().decode(plaintext));
  } catch {
    throw new Error(`${context.table}.${context.column} does not open: wrong key, or a ciphertext from another row.`);
  }
}

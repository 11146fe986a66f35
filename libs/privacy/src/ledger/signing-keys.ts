import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** What signs receipts and audit checkpoints, and what verifies them. */
export interface SigningKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** First 16 characters of the SHA-256 of the public key (base64url): which key signed. */
  readonly kid: string;
}

/** PKCS #8 around an Ed25519 seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param seed 32 bytes, the setting SIGNING_KEY */
export function signingKeysOf(seed: Uint8Array): SigningKeys {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const raw = publicKey.export({ format: 'jwk' }).x!;
  const kid = createHash('sha256').update(Buffer.from(raw, 'base64url')).digest('base64url').slice(0, 16);
  return { privateKey, publicKey, kid };
}

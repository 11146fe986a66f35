import type { SigningKeys } from './signing-keys.js';

/** The public half of SIGNING_KEY as a JSON Web Key Set (RFC 7517, RFC 8037). */
export const publicJwks = ({ publicKey, kid }: SigningKeys) => {
  const { x } = publicKey.export({ format: 'jwk' }) as { x: string };
  return {
    keys: [{ kty: 'OKP' as const, crv: 'Ed25519' as const, x, kid, alg: 'EdDSA' as const, use: 'sig' as const }],
  };
};

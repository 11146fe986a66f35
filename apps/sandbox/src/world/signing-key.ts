import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose';

/** A key pair that lives as long as the sandbox. */
export interface SigningKey {
  jwks: JSONWebKeySet;
  sign(claims: JWTPayload): Promise<string>;
}

export const makeSigningKey = async (alg: 'RS256' | 'ES256', kid: string): Promise<SigningKey> => {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  return {
    jwks: { keys: [{ ...jwk, kid, alg, use: 'sig' }] },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey),
  };
};

import { createHash } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { kmsArns, kmsRegion } from '#libs/platform';
import { WrappingFailed, kidOf, type KeyWrapper } from './key-wrapper.js';

/** Loaded at first need: who keeps wrapping keys in a file does not pay for it at each start. */
const sdk = () => import('@aws-sdk/client-kms');

/** Codes of KMS that end with a person, not with time. */
const DENIED = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];
const REFUSED = ['InvalidCiphertextException', 'IncorrectKeyException'];

/**
 * Wrapping keys in AWS KMS: they never leave it. `aws-kms:ARN[,ARN…]`: the first one wraps, all of them open. The owner of a
 * data key goes into the encryption context as a hash, since KMS writes contexts into its log.
 */
export class KmsKeyRing implements KeyWrapper {
  readonly index = null;

  private readonly clients = new Map<string, KMSClient>();

  private constructor(private readonly arns: readonly string[]) {}

  /** @param setting `aws-kms:ARN[,ARN…]`, checked by the settings */
  static fromSetting(setting: string): KmsKeyRing {
    return new KmsKeyRing(kmsArns(setting));
  }

  activeKid(): string {
    return this.arns[0]!;
  }

  kids(): readonly string[] {
    return this.arns;
  }

  async wrap(key: Uint8Array, owner: readonly string[]): Promise<string> {
    const kid = this.activeKid();
    const { EncryptCommand } = await sdk();
    const { CiphertextBlob } = await this.ask(kid, (client) =>
      client.send(new EncryptCommand({ KeyId: kid, Plaintext: key, EncryptionContext: contextOf(owner) })),
    );
    return `k1.${Buffer.from(kid).toString('base64url')}.${Buffer.from(CiphertextBlob!).toString('base64url')}`;
  }

  async unwrap(wrapped: string, owner: readonly string[]): Promise<Uint8Array> {
    const [version, , blob, more] = wrapped.split('.');
    const kid = kidOf(wrapped);
    if (version !== 'k1' || !blob || more !== undefined)
      throw new WrappingFailed('refused', 'This is no key that KMS wrapped.');
    if (!this.arns.includes(kid))
      throw new WrappingFailed(
        'unknown-key',
        `KEY_RING does not name ${kid}. Add it at the end: rows are still sealed with it.`,
      );
    const { DecryptCommand } = await sdk();
    const { Plaintext } = await this.ask(kid, (client) =>
      client.send(
        new DecryptCommand({
          KeyId: kid,
          CiphertextBlob: Buffer.from(blob, 'base64url'),
          EncryptionContext: contextOf(owner),
        }),
      ),
    );
    return Plaintext!;
  }

  private async clientOf(kid: string): Promise<KMSClient> {
    const region = kmsRegion(kid);
    const { KMSClient: Client } = await sdk();
    let client = this.clients.get(region);
    if (!client) {
      // Throttling is the one thing worth another try here; whoever waits for a row waits no longer than some seconds.
      const requestHandler = { requestTimeout: 5_000, connectionTimeout: 2_000 };
      this.clients.set(region, (client = new Client({ region, maxAttempts: 3, requestHandler })));
    }
    return client;
  }

  /** Nothing of what the SDK throws is kept: it holds the request. */
  private async ask<T>(kid: string, call: (client: KMSClient) => Promise<T>): Promise<T> {
    try {
      return await call(await this.clientOf(kid));
    } catch (error) {
      const { name } = error as { name?: string };
      if (REFUSED.includes(name ?? ''))
        throw new WrappingFailed('refused', `KMS does not open a key with ${kid}: another key, or not its owner.`);
      if (DENIED.includes(name ?? ''))
        throw new WrappingFailed(
          'denied',
          `KMS refuses ${kid} (${name}). Is the key enabled, and may this role call kms:Encrypt and kms:Decrypt?`,
        );
      throw new WrappingFailed('unavailable', `KMS does not answer for ${kid}. It is asked again with the next try.`);
    }
  }
}

const contextOf = (owner: readonly string[]) => ({
  owner: createHash('sha256').update(JSON.stringify(owner)).digest('base64url'),
});

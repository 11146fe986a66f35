import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Ask {
  KeyId?: string;
  Plaintext?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Record<string, string>;
}

/** An error as KMS tells it: the name in `__type`. */
class KmsFault extends Error {
  constructor(
    readonly type: string,
    readonly status = 400,
  ) {
    super(`${type} of the fake`);
  }
}

export const kmsArn = (id: string) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;

/**
 * AWS KMS as far as we use it, over its JSON protocol: Encrypt and Decrypt with the encryption context authenticated, the
 * key named in the ciphertext, and its errors. `AWS_ENDPOINT_URL_KMS` points the official client here.
 */
export class FakeKms {
  /** Operation and key of each request, in order. */
  readonly asked: { readonly operation: string; readonly keyId: string; readonly context: unknown }[] = [];
  /** Faults of the next requests, one each. */
  readonly faults: (string | number)[] = [];
  private readonly keys = new Map<string, Buffer>();
  private readonly disabled = new Set<string>();

  private constructor(private readonly server: Server) {}

  static async start(...arns: string[]): Promise<FakeKms> {
    const server = createServer();
    const fake = new FakeKms(server);
    for (const arn of arns) fake.keys.set(arn, randomBytes(32));
    server.on('request', (request, response) => {
      void fake.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a process needs in its environment to reach this and nothing else. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_KMS: this.url,
      AWS_ACCESS_KEY_ID: 'fake',
      AWS_SECRET_ACCESS_KEY: 'fake',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  disable(arn: string): void {
    this.disabled.add(arn);
  }

  /** Deleted for good: what it sealed opens nowhere. */
  delete(arn: string): void {
    this.keys.delete(arn);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const ask = JSON.parse(Buffer.concat(chunks).toString()) as Ask;
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
    this.asked.push({ operation, keyId: ask.KeyId ?? '', context: ask.EncryptionContext });
    try {
      const fault = this.faults.shift();
      if (typeof fault === 'number') return { status: fault, body: {} };
      if (fault !== undefined) throw new KmsFault(fault, fault === 'ThrottlingException' ? 400 : 400);
      return { status: 200, body: this.work(operation, ask) };
    } catch (error) {
      if (!(error instanceof KmsFault)) throw error;
      return { status: error.status, body: { __type: error.type, message: error.message } };
    }
  }

  private work(operation: string, ask: Ask): object {
    const keyId = ask.KeyId ?? '';
    const key = this.keys.get(keyId);
    if (!key) throw new KmsFault('NotFoundException');
    if (this.disabled.has(keyId)) throw new KmsFault('DisabledException');
    const aad = Buffer.from(
      JSON.stringify(Object.entries(ask.EncryptionContext ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
    if (operation === 'Encrypt') {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
      const sealed = Buffer.concat([cipher.update(Buffer.from(ask.Plaintext!, 'base64')), cipher.final()]);
      const blob = Buffer.concat([iv, cipher.getAuthTag(), sealed]);
      return { KeyId: keyId, CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    }
    if (operation === 'Decrypt') {
      const blob = Buffer.from(ask.CiphertextBlob ?? '', 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12));
        decipher.setAAD(aad).setAuthTag(blob.subarray(12, 28));
        const plain = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
        return { KeyId: keyId, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      } catch {
        throw new KmsFault('InvalidCiphertextException');
      }
    }
    throw new KmsFault('UnsupportedOperationException');
  }
}

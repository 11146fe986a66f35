import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { webhookKey } from './webhook-secret.js';

describe('P13 a secret that is taken signs and verifies', () => {
  const key = Buffer.from('fbff7efbff7efbff7efbff7efbff7efb', 'hex');
  const base64 = key.toString('base64');

  it.each([
    ['base64', base64],
    ['base64 without padding', base64.replace(/=+$/, '')],
    ['base64url', key.toString('base64url')],
    ['base64url with padding', base64.replaceAll('+', '-').replaceAll('/', '_')],
  ])('written as %s', (_, text) => {
    expect(webhookKey(`whsec_${text}`)).toEqual(key);
    const headers = { 'webhook-id': 'm', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) };
    const signature = new Webhook(webhookKey(`whsec_${text}`)!, { format: 'raw' }).sign('m', new Date(), '{}');
    expect(new Webhook(base64).verify('{}', { ...headers, 'webhook-signature': signature })).toEqual({});
  });

  it.each(['', 'whsec_', 'whsec_short', base64, `whsec_${base64}!`, `whsec_ ${base64}`])('%j is none', (secret) => {
    expect(webhookKey(secret)).toBeNull();
  });
});

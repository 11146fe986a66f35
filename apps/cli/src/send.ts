import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { checkedSetting, webhookKey } from '#libs/platform';
import { readArgs } from './read-args.js';

const USAGE = `conferences send FILE [--url URL]   sends the CloudEvent (or the list of them) in FILE, signed with the first of EVENT_SECRETS
                                    URL: default APP_URL/v1/events; FILE "-" is standard input
`;

/** `conferences send`: signs and posts an event as the parent-meetings module would, and prints the answer. */
export async function send(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const { options, words } = readArgs('send', args, { values: ['url'], words: 1 });
  const [file] = words;
  const url = options.get('url') ?? (env['APP_URL'] && `${env['APP_URL'].replace(/\/+$/, '')}/v1/events`);
  const [secret] = checkedSetting(env, 'EVENT_SECRETS')?.split(',') ?? [];
  if (!file || !url || !secret) {
    process.stderr.write(USAGE);
    if (!url) process.stderr.write('APP_URL is missing: name where the API is, or give --url.\n');
    if (!secret) process.stderr.write('EVENT_SECRETS is missing: the event must be signed.\n');
    return 1;
  }
  const body = readFileSync(file === '-' ? 0 : file, 'utf8');
  let isBatch: boolean;
  try {
    isBatch = Array.isArray(JSON.parse(body));
  } catch {
    process.stderr.write(`${file} is not JSON.\n`);
    return 1;
  }
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': isBatch ? 'application/cloudevents-batch+json' : 'application/cloudevents+json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(webhookKey(secret.trim())!, { format: 'raw' }).sign(id, now, body),
    },
    body,
  });
  process.stdout.write(`${response.status}\n${await response.text()}\n`);
  return response.ok ? 0 : 1;
}

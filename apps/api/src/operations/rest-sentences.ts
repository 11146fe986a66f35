import type { QueueName, restsNow } from '#libs/messaging';

type Rests = Awaited<ReturnType<typeof restsNow>>;

const NAMES: Readonly<Record<QueueName, string>> = {
  'google-meet': 'Google Meet',
  'microsoft-teams': 'Microsoft Teams',
  deliveries: 'Messages',
  erasures: 'Erasures',
};
const time = (instant: Date) => `${instant.toISOString().slice(11, 19)} UTC`;

/** What rests, until when and why, for whoever looks after it. Nothing here needs a person: it goes on by itself. */
export function restSentences({ queues, lanes }: Rests, now: Date): string[] {
  const sentences = queues.map(({ queue, until, why }) => {
    const name = NAMES[queue];
    if (until <= now) return `${name} comes back from a rest: a few meetings are tried first.`;
    const reason =
      why === 'unavailable'
        ? 'most of its calls failed'
        : why === 'limited'
          ? 'it told many accounts at once to ask less'
          : 'it told us to wait';
    return `${name} rests until ${time(until)}: ${reason}. It goes on by itself.`;
  });
  if (lanes.count > 0 && lanes.until)
    sentences.push(
      `Accounts that rest since their provider told them to ask less: ${lanes.count}, the last one until ${time(lanes.until)}. The others go on.`,
    );
  return sentences;
}

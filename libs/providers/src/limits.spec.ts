import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PROVIDERS } from './meeting-provider.js';
import { PROVIDER_LIMITS, jobsPerWindow } from './limits.js';

const PUBLISHED = { 'google-meet': [10_000, 60], 'microsoft-teams': [5_000, 10] } as const;

describe.each(PROVIDERS)('P10 the limit of the whole application: %s', (provider) => {
  it('is a tenth below what is published, however the windows lie', () => {
    const [requests, seconds] = PUBLISHED[provider];
    const { max, duration } = jobsPerWindow(provider);
    expect(max).toBeGreaterThan(0);
    // Each window begins with a job once the one before it is over; the jobs of each come all at once, at its worst.
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: duration }), { minLength: 20, maxLength: 20 }), (gaps) => {
        let begin = 0;
        const jobs = gaps.map((gap) => (begin += duration + gap));
        for (const start of jobs) {
          const within = jobs.filter((at) => at >= start && at < start + seconds * 1000).length;
          expect(within * max * PROVIDER_LIMITS[provider].perOrdinaryJob).toBeLessThanOrEqual(requests * 0.9);
        }
      }),
    );
  });
});

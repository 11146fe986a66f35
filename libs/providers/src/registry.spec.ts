import { describe, expect, it } from '@jest/globals';
import { PROVIDERS } from './meeting-provider.js';
import { LOGIN_OF, providersFrom } from './registry.js';

describe('R3 every provider works in one account, under one login', () => {
  const providers = providersFrom({
    google: { apiUrl: 'https://www.googleapis.com/', scope: 'https://www.googleapis.com/auth/calendar.events.owned' },
    microsoft: { graphUrl: 'https://graph.microsoft.com' },
  });

  it('has each provider under its own name, and a login for it', () => {
    for (const name of PROVIDERS) {
      expect(providers[name].name).toBe(name);
      expect(['google', 'microsoft']).toContain(LOGIN_OF[name]);
    }
  });
});

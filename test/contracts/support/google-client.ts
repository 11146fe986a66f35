import { auth, calendar, type calendar_v3 } from '@googleapis/calendar';

/** The real client, against the sandbox. SDK retries are off, as in the product. */
export const googleCalendar = (apiUrl: string, accessToken: string): calendar_v3.Calendar => {
  const oauth = new auth.OAuth2();
  oauth.setCredentials({ access_token: accessToken, expiry_date: Date.now() + 3_000_000 });
  return calendar({ version: 'v3', auth: oauth, rootUrl: `${apiUrl}/`, retry: false, fetchImplementation: fetch });
};

/** Status and reason of a refused call. Fails when the call went well. */
export const googleRefusal = async (call: Promise<unknown>): Promise<{ status?: number; reason?: string }> => {
  try {
    await call;
  } catch (error) {
    const { response } = error as { response?: { status: number; data: unknown } };
    const body = response?.data as { error?: { errors?: { reason: string }[] } } | undefined;
    return { status: response?.status, reason: body?.error?.errors?.[0]?.reason };
  }
  throw new Error('The call went well, a refusal was expected');
};

export const anEvent = (more: calendar_v3.Schema$Event = {}): calendar_v3.Schema$Event => ({
  summary: 'Ten minutes',
  start: { dateTime: '2026-11-24T19:10:00+01:00', timeZone: 'Europe/Amsterdam' },
  end: { dateTime: '2026-11-24T19:20:00+01:00', timeZone: 'Europe/Amsterdam' },
  ...more,
});

export const withMeet = (requestId: string, more: calendar_v3.Schema$Event = {}): calendar_v3.Schema$Event =>
  anEvent({
    conferenceData: { createRequest: { requestId, conferenceSolutionKey: { type: 'hangoutsMeet' } } },
    ...more,
  });

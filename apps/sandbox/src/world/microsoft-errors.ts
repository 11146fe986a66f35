import type { ErrorAnswer } from './google-errors.js';

// The ids and dates below are placeholders: `withRequestIds` fills in those of the request (providers.md §4.8).
const graph = (status: number, code: string, message: string): ErrorAnswer => ({
  status,
  body: { error: { code, message, innerError: { date: '', 'request-id': '', 'client-request-id': '' } } },
});

interface Aadsts {
  status?: number;
  suberror?: string;
  withErrorUri?: boolean;
}

const entra = (error: string, code: number, text: string, { status = 400, ...more }: Aadsts = {}): ErrorAnswer => ({
  status,
  body: {
    error,
    error_description: `AADSTS${code}: ${text}`,
    error_codes: [code],
    timestamp: '',
    trace_id: '',
    correlation_id: '',
    ...(more.suberror === undefined ? {} : { suberror: more.suberror }),
    ...(more.withErrorUri ? { error_uri: `https://login.microsoftonline.com/error?code=${code}` } : {}),
  },
});

const throttled: ErrorAnswer = {
  status: 429,
  headers: { 'Retry-After': '2.128' },
  body: {
    error: {
      code: 'TooManyRequests',
      innerError: { code: '429', date: '', message: 'Please retry after', 'request-id': '', status: '429' },
      message: 'Please retry again later.',
    },
  },
};

/** Microsoft's error answers (providers.md §3.3, §4.8). */
export const MICROSOFT_ERRORS = {
  '400.BadRequest': graph(400, 'BadRequest', 'Bad Request'),
  '400.1026': graph(400, 'BadRequest', '1026: An error has occurred.'),
  '401.InvalidAuthenticationToken': graph(
    401,
    'InvalidAuthenticationToken',
    'Lifetime validation failed, the token is expired.',
  ),
  '401.personalAccount': graph(401, 'AuthenticationError', 'Error authenticating with resource'),
  '403.Forbidden': graph(403, 'Forbidden', ''),
  '403.3003': graph(403, 'Forbidden', '3003: User does not have access to lookup meeting'),
  '404.NotFound': graph(404, 'NotFound', 'Not Found'),
  '404.3004': graph(404, 'NotFound', '3004: Specified meeting is not found'),
  '409.Conflict': graph(409, 'Conflict', 'Conflict'),
  '423.Locked': graph(423, 'Locked', 'Locked'),
  '429.TooManyRequests': throttled,
  '500.InternalServerError': graph(500, 'InternalServerError', 'An internal server error occurred.'),
  '502.BadGateway': graph(502, 'BadGateway', 'Bad Gateway'),
  '503.ServiceUnavailable': graph(503, 'ServiceUnavailable', 'Service Unavailable'),
  '504.GatewayTimeout': graph(504, 'GatewayTimeout', 'Gateway Timeout'),
  'oauth.400.invalid_grant.revoked': entra(
    'invalid_grant',
    50173,
    'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
    { withErrorUri: true },
  ),
  'oauth.400.invalid_grant.mfa': entra(
    'invalid_grant',
    50076,
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access.',
    { suberror: 'basic_action' },
  ),
  'oauth.400.invalid_grant.consent': entra(
    'invalid_grant',
    65001,
    'The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.',
    { suberror: 'consent_required' },
  ),
  'oauth.400.invalid_grant.code_used': entra(
    'invalid_grant',
    54005,
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  ),
  'oauth.400.invalid_grant.pkce': entra(
    'invalid_grant',
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ),
  'oauth.400.invalid_grant.malformed': entra('invalid_grant', 70000, 'The provided value for the grant is not valid.'),
  'oauth.400.invalid_grant.expired': entra('invalid_grant', 700082, 'The refresh token has expired due to inactivity.'),
  'oauth.400.interaction_required': entra('interaction_required', 50079, 'Strong authentication is required.', {
    suberror: 'basic_action',
  }),
  'oauth.400.invalid_scope': entra(
    'invalid_scope',
    70011,
    'The provided value for the input parameter scope is not valid.',
  ),
  'oauth.400.invalid_request.missing': entra(
    'invalid_request',
    900144,
    'The request body is missing a required parameter.',
  ),
  'oauth.400.unauthorized_client': entra('unauthorized_client', 700016, 'Application was not found in the directory.'),
  'oauth.400.unsupported_grant_type.unknown': entra(
    'unsupported_grant_type',
    70003,
    'The grant type is not supported.',
  ),
  'oauth.401.invalid_client.secret': entra('invalid_client', 7000215, 'Invalid client secret provided.', {
    status: 401,
  }),
  'oauth.503.temporarily_unavailable.busy': entra('temporarily_unavailable', 90006, 'The service is busy.', {
    status: 503,
  }),
} satisfies Record<string, ErrorAnswer>;

export type MicrosoftErrorName = keyof typeof MICROSOFT_ERRORS;

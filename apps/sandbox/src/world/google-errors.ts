/** Google's error answers (providers.md §1.3, §2.5): status and body. A name is the HTTP status and the reason. */
export interface ErrorAnswer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}

interface Detail {
  locationType?: string;
  location?: string;
}

const api = (status: number, reason: string, message: string, domain = 'global', detail: Detail = {}): ErrorAnswer => ({
  status,
  body: { error: { errors: [{ domain, reason, message, ...detail }], code: status, message } },
});

const oauth = (status: number, error: string, error_description?: string): ErrorAnswer => ({
  status,
  body: error_description === undefined ? { error } : { error, error_description },
});

const insufficientScope: ErrorAnswer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'Request had insufficient authentication scopes.',
      errors: [{ message: 'Insufficient Permission', domain: 'global', reason: 'insufficientPermissions' }],
      status: 'PERMISSION_DENIED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
          domain: 'googleapis.com',
          metadata: { service: 'calendar-json.googleapis.com', method: 'calendar.v3.Events.Insert' },
        },
      ],
    },
  },
};

export const GOOGLE_ERRORS = {
  '400.timeRangeEmpty': api(400, 'timeRangeEmpty', 'The specified time range is empty.', 'calendar', {
    locationType: 'parameter',
    location: 'timeMax',
  }),
  '400.invalid': api(400, 'invalid', 'Invalid Value'),
  '400.invalidId': api(400, 'invalid', 'Invalid resource id value.'),
  '400.invalidConferenceType': api(400, 'invalid', 'Invalid conference type value.'),
  '400.required': api(400, 'required', 'Required'),
  '400.badRequest': api(400, 'badRequest', 'Bad Request'),
  '400.parseError': api(400, 'parseError', 'Parse Error'),
  '401.authError': api(401, 'authError', 'Invalid Credentials', 'global', {
    locationType: 'header',
    location: 'Authorization',
  }),
  '403.dailyLimitExceeded': api(403, 'dailyLimitExceeded', 'Daily Limit Exceeded', 'usageLimits'),
  '403.userRateLimitExceeded': api(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded', 'usageLimits'),
  '403.rateLimitExceeded': api(403, 'rateLimitExceeded', 'Rate Limit Exceeded', 'usageLimits'),
  '403.quotaExceeded': api(403, 'quotaExceeded', 'Calendar usage limits exceeded.', 'usageLimits'),
  '403.forbiddenForNonOrganizer': api(
    403,
    'forbiddenForNonOrganizer',
    'Shared properties can only be changed by the organizer of the event.',
    'calendar',
  ),
  '403.insufficientScope': insufficientScope,
  '403.accessNotConfigured': api(403, 'accessNotConfigured', 'Access Not Configured', 'usageLimits'),
  '403.forbidden': api(403, 'forbidden', 'Forbidden'),
  '404.notFound': api(404, 'notFound', 'Not Found'),
  '409.duplicate': api(409, 'duplicate', 'The requested identifier already exists.'),
  '410.deleted': api(410, 'deleted', 'Resource has been deleted'),
  '410.fullSyncRequired': api(
    410,
    'fullSyncRequired',
    'Sync token is no longer valid, a full sync is required.',
    'calendar',
    { locationType: 'parameter', location: 'syncToken' },
  ),
  '410.updatedMinTooLongAgo': api(
    410,
    'updatedMinTooLongAgo',
    'The requested minimum modification time lies too far in the past.',
    'calendar',
    { locationType: 'parameter', location: 'updatedMin' },
  ),
  '412.conditionNotMet': api(412, 'conditionNotMet', 'Precondition Failed', 'global', {
    locationType: 'header',
    location: 'If-Match',
  }),
  '429.rateLimitExceeded': api(429, 'rateLimitExceeded', 'Rate Limit Exceeded', 'usageLimits'),
  '500.backendError': api(500, 'backendError', 'Backend Error'),
  '502.backendError': api(502, 'backendError', 'Backend Error'),
  '503.backendError': api(503, 'backendError', 'Backend Error'),
  '504.backendError': api(504, 'backendError', 'Backend Error'),
  'oauth.400.invalid_grant': oauth(400, 'invalid_grant', 'Token has been expired or revoked.'),
  'oauth.400.malformedCode': oauth(400, 'invalid_grant', 'Malformed auth code.'),
  'oauth.400.admin_policy_enforced': oauth(400, 'admin_policy_enforced'),
  'oauth.400.invalid_request': oauth(400, 'invalid_request', 'Bad Request'),
  'oauth.400.invalid_token': oauth(400, 'invalid_token'),
  'oauth.400.redirect_uri_mismatch': oauth(400, 'redirect_uri_mismatch', 'Bad Request'),
  'oauth.400.unsupported_grant_type': oauth(400, 'unsupported_grant_type'),
  'oauth.401.invalid_client': oauth(401, 'invalid_client', 'The OAuth client was not found.'),
  'oauth.429.rate_limit_exceeded': oauth(429, 'rate_limit_exceeded'),
  'oauth.503.temporarily_unavailable': oauth(503, 'temporarily_unavailable'),
} satisfies Record<string, ErrorAnswer>;

export type GoogleErrorName = keyof typeof GOOGLE_ERRORS;

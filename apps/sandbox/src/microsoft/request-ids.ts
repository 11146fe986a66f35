import type { Request } from 'express';
import type { Answer } from '../http/answer.js';
import type { World } from '../world/world.js';

/** Graph: request-id and client-request-id on every answer, and in the body of an error (providers.md §4.8). */
export const withRequestIds =
  ({ random, now }: World) =>
  (answer: Answer, request: Request): Answer => {
    const requestId = random.guid('request id');
    const clientRequestId = request.get('client-request-id') ?? requestId;
    const headers = { ...answer.headers, 'request-id': requestId, 'client-request-id': clientRequestId };
    const inner = (answer.json as { error?: { innerError?: Record<string, string> } } | undefined)?.error?.innerError;
    if (inner) {
      inner.date = now().toISOString().slice(0, 19);
      inner['request-id'] = requestId;
      inner['client-request-id'] = clientRequestId;
    }
    return { ...answer, headers };
  };

/** The sign-in: ids and time in the body and the description of an error (providers.md §3.3). */
export const withTraceIds =
  ({ random, now }: World) =>
  (answer: Answer): Answer => {
    const body = answer.json as Record<string, unknown> | undefined;
    if (body?.error_codes === undefined) return answer;
    const timestamp = `${now().toISOString().slice(0, 19).replace('T', ' ')}Z`;
    const [trace, correlation] = [random.guid('trace id'), random.guid('correlation id')];
    const description = `${String(body.error_description)} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
    const filled = { error_description: description, timestamp, trace_id: trace, correlation_id: correlation };
    return { ...answer, json: { ...body, ...filled } };
  };

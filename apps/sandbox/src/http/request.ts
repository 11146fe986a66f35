import type { Request } from 'express';

/** A parameter of the path. */
export const pathParameter = (request: Request, name: string): string => {
  const value = request.params[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
};

/** A parameter of the query, the last one when it is repeated. */
export const queryParameter = (request: Request, name: string): string | undefined => {
  const value = request.query[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
};

/** The fields of a form body; a repeated field keeps its first value. */
export const formOf = (request: Request): Record<string, string | undefined> => {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => [
      name,
      String(Array.isArray(value) ? value[0] : value),
    ]),
  );
};

/** All values of a form field that may be repeated, such as check boxes. */
export const formValues = (request: Request, name: string): string[] => {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
};

/** The JSON object in the body, or undefined. */
export const jsonOf = (request: Request): Record<string, unknown> | undefined => {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : undefined;
};

export const bearerOf = (request: Request): string | undefined =>
  /^Bearer (\S+)$/iu.exec(request.get('authorization') ?? '')?.[1];

/** Client id and secret of a token request, from the body or from Basic authorization (RFC 6749 §2.3.1). */
export const clientOf = (request: Request): { id?: string; secret?: string } => {
  const basic = /^Basic (\S+)$/iu.exec(request.get('authorization') ?? '')?.[1];
  if (basic !== undefined) {
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':');
    return { id: decodeForm(id), secret: decodeForm(secret) };
  }
  const { client_id: id, client_secret: secret } = formOf(request);
  return { id, secret };
};

const decodeForm = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { ApiModule, type EdgeParts } from '../api.module.js';
import type { Core } from '../core.js';
import { readEvents } from '../events/read-events.js';
import type { Access } from '../http/access.js';
import { EVENTS_IN, EVENTS_OUT, asyncApi } from './asyncapi.js';
import { renderDocsPage } from './docs-page.js';
import { METHODS, type Content } from './openapi-types.js';
import { openApi } from './openapi.js';

const URL = 'https://video.school.example';
const api = openApi(URL);
const events = asyncApi(URL);

type Handler = (...args: unknown[]) => unknown;
const reflector = new Reflector();

/** Every route that Nest would serve, with what its guard reads. */
const routes = ApiModule.with({} as Core, {} as EdgeParts).controllers!.flatMap((controller) => {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (name === 'constructor' || typeof handler !== 'function') return [];
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const parts = [Reflect.getMetadata(PATH_METADATA, controller), Reflect.getMetadata(PATH_METADATA, handler)]
      .map((part) => String(part).replaceAll(/^\/|\/$/g, ''))
      .filter(Boolean);
    const path = `/${parts.join('/').replaceAll(/:(\w+)/g, '{$1}')}`;
    const access = reflector.getAllAndOverride<Access | undefined>('access', [handler as Handler, controller]);
    return [{ key: `${RequestMethod[method]} ${path}`, access }];
  });
});

const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  METHODS.flatMap((method) => {
    const operation = methods[method];
    return operation ? [{ key: `${method.toUpperCase()} ${path}`, path, method, operation }] : [];
  }),
);

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every content of the document with its place in it. */
const contents = [
  ...operations.flatMap(({ path, method, operation }) => {
    const root = `/paths/${escaped(path)}/${method}`;
    return [
      ...contentsOf(operation.requestBody?.content, `${root}/requestBody`),
      ...Object.entries(operation.responses).flatMap(([status, answer]) =>
        contentsOf('content' in answer ? answer.content : undefined, `${root}/responses/${status}`),
      ),
    ];
  }),
  ...Object.entries(api.components.responses).flatMap(([name, answer]) =>
    contentsOf(answer.content, `/components/responses/${name}`),
  ),
];

function contentsOf(content: Readonly<Record<string, Content>> | undefined, root: string) {
  return Object.entries(content ?? {}).map(([type, one]) => ({
    place: `${root}/content/${escaped(type)}`,
    content: one,
  }));
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
}

const at = (document: unknown, ref: string) =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (value, name) =>
        (value as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );

function validatorOf(document: object, name: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema(document, name);
  return (place: string, value: unknown) => {
    const validate = ajv.compile({ $ref: `${name}#${place}` });
    return validate(value) ? [] : validate.errors;
  };
}

describe('the OpenAPI document and the routes say the same', () => {
  it('has exactly the paths and methods that Nest serves', () => {
    expect(operations.map(({ key }) => key).sort()).toEqual(routes.map(({ key }) => key).sort());
  });

  it('every route says who may use it', () => {
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
  });

  it('names the same roles as the guard', () => {
    const documented = Object.fromEntries(operations.map(({ key, operation }) => [key, operation['x-roles']]));
    expect(documented).toEqual(Object.fromEntries(routes.map(({ key, access }) => [key, access])));
  });

  it('asks for a credential wherever the guard does', () => {
    for (const { key, operation } of operations)
      if (operation['x-roles'] !== 'public') expect([key, operation.security.length]).toEqual([key, 2]);
  });

  it('documents 401 and 403 where a role is asked for', () => {
    for (const { key, operation } of operations) {
      const roles = operation['x-roles'];
      if (roles === 'public') continue;
      expect([key, Object.keys(operation.responses)]).toEqual([key, expect.arrayContaining(['401'])]);
      if (roles !== 'anyone')
        expect([key, Object.keys(operation.responses)]).toEqual([key, expect.arrayContaining(['403'])]);
    }
  });
});

describe('a body of another type', () => {
  it('is documented as refused wherever a body is taken under /v1', () => {
    for (const { key, path, operation } of operations)
      if (path.startsWith('/v1/') && operation.requestBody)
        expect([key, Object.keys(operation.responses)]).toEqual([key, expect.arrayContaining(['415'])]);
  });
});

describe('the OpenAPI document is whole', () => {
  it('resolves every reference', () => {
    for (const ref of refsIn(api)) expect([ref, at(api, ref) !== undefined]).toEqual([ref, true]);
  });

  it('names every operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every part of a path', () => {
    for (const { key, path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const described = (operation.parameters ?? []).flatMap((parameter) =>
        'in' in parameter && parameter.in === 'path' ? [parameter.name] : [],
      );
      expect([key, described]).toEqual([key, named]);
    }
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(api))).toEqual(api);
  });

  const check = validatorOf(api, 'openapi');
  it.each(contents.map((one) => [one.place, one.content] as const))('gives true examples at %s', (place, content) => {
    const given = [
      ...('example' in content ? [content.example] : []),
      ...Object.values(content.examples ?? {}).map(({ value }) => value),
    ];
    const isJson = place.endsWith('json') && content.schema['type'] !== 'object';
    if (isJson) expect(given.length).toBeGreaterThan(0);
    for (const example of given) expect(check(`${place}/schema`, example)).toEqual([]);
  });

  it('refuses what does not fit, so that the check above means something', () => {
    expect(check('/components/schemas/Accepted', { accepted: 'one' })).not.toEqual([]);
    expect(check('/components/schemas/WantBody', { provider: 'google-meet' })).not.toEqual([]);
  });
});

describe('P13 the AsyncAPI document and the intake say the same', () => {
  const index = new BlindIndex(KeyRing.generate().ring);
  const deps = { index, now: new Date('2026-11-10T10:00:00Z') };
  const check = validatorOf(events, 'asyncapi');
  const examplesOf = (messages: typeof EVENTS_IN) =>
    Object.entries(messages).flatMap(([name, message]) =>
      message.examples.map((example) => [name, example.name, example.payload] as const),
    );

  it('resolves every reference', () => {
    for (const ref of refsIn(events)) expect([ref, at(events, ref) !== undefined]).toEqual([ref, true]);
  });

  it.each(examplesOf(EVENTS_IN))('the intake takes %s, %s', async (name, _, payload) => {
    const [read] = await readEvents(Buffer.from(JSON.stringify(payload)), false, deps);
    expect(read!.type).toBe(EVENTS_IN[name]!.name);
  });

  it('the intake takes all of them as one batch', async () => {
    const batch = examplesOf(EVENTS_IN).map(([, , payload]) => payload);
    expect(await readEvents(Buffer.from(JSON.stringify(batch)), true, deps)).toHaveLength(batch.length);
  });

  it.each([...examplesOf(EVENTS_IN), ...examplesOf(EVENTS_OUT)])('its schema fits %s, %s', (name, _, payload) => {
    expect(check(`/components/messages/${name}/payload`, payload)).toEqual([]);
  });

  it('what we tell holds no URL and no name', () => {
    for (const [, , payload] of examplesOf(EVENTS_OUT)) {
      const { data } = payload as { data: object };
      expect(JSON.stringify(data)).not.toMatch(/https?:|name|@/);
    }
  });
});

describe('the page of the API', () => {
  const html = renderDocsPage({ frame: { locale: 'nl' }, api });

  it('shows every operation with who may call it', () => {
    for (const { path, method, operation } of operations) {
      expect(html).toContain(`${method.toUpperCase()} ${path}`);
      expect(html).toContain(`id="${operation.operationId}"`);
    }
    expect(html).toContain('May be called by: teacher, admin');
    expect(html).toContain('May be called by: whoever signs with our secret');
  });

  it('R8 needs nothing from elsewhere, no script and no inline style', () => {
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|<img|<iframe|href="https?:/);
  });

  it('has one heading of the first level and skips none', () => {
    const levels = [...html.matchAll(/<h([1-6])\b/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.reduce((before, level) => {
      expect(level).toBeLessThanOrEqual(before + 1);
      return level;
    }, 0);
  });

  it('says undefined nowhere', () => {
    expect(html).not.toMatch(/undefined|\[object|NaN/);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

/** The providers' own documents lie beside the repository, not in it: they are not ours to pass on. */
const FOLDER = join(process.env.SHARED_DIR ?? join(process.cwd(), '..', 'shared'), 'specs');

export const specsAreHere = existsSync(FOLDER);
export const whySkipped = `the official specs are not here: no folder "specs" in SHARED_DIR or ../shared`;

export const readSpec = <T>(name: string): T => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;

// Silent: the documents use formats of their own (int32, byte) that are not to be checked.
const ajv = (): Ajv => {
  const made = new Ajv({ strict: false, allErrors: true, logger: false });
  // CommonJS: its default export is the module or its `default`, as the loader likes.
  const add =
    (formats as unknown as { default?: typeof formats.default }).default ??
    (formats as unknown as typeof formats.default);
  add(made);
  return made;
};

interface Discovery {
  schemas: Record<string, object>;
  resources: Record<string, { methods: Record<string, DiscoveryMethod> }>;
}

export interface DiscoveryMethod {
  path: string;
  httpMethod: string;
  parameters?: Record<string, object>;
  response?: { $ref: string };
}

export const discovery = (): Discovery => readSpec<Discovery>('google-calendar-v3.discovery.json');

/** Validators by schema name; an answer with a property that the document does not know is wrong, too. */
export const googleValidator = (): ((schema: string) => ValidateFunction) => {
  const definitions = Object.fromEntries(
    Object.entries(discovery().schemas).map(([name, schema]) => [name, asJsonSchema(schema)]),
  );
  const made = ajv().addSchema({ $id: 'google', definitions });
  return (schema) => made.compile({ $ref: `google#/definitions/${schema}` });
};

/** A discovery schema as JSON schema: bare refs become pointers, `required: true` on a property goes. */
const asJsonSchema = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, required: _flag, id: _id, annotations: _notes, ...rest } = node as Record<string, unknown>;
  if (typeof $ref === 'string') return { $ref: `#/definitions/${$ref}` };
  // `any` is a type in discovery documents only.
  if (rest.type === 'any') delete rest.type;
  const { properties } = rest as { properties?: Record<string, unknown> };
  const plain = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, name === 'properties' ? value : asJsonSchema(value)]),
  );
  if (!properties) return plain;
  return {
    additionalProperties: false,
    ...plain,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, asJsonSchema(value)])),
  };
};

interface OpenApi {
  paths: Record<string, Record<string, { responses?: Record<string, object> }>>;
  components: { schemas: Record<string, { allOf?: { properties?: object }[]; properties?: object }> };
}

export const graphSpec = (): OpenApi => readSpec<OpenApi>('msgraph-v1.0-onlineMeetings.openapi.json');

export const graphValidator = (): ((schema: string) => ValidateFunction) => {
  const made = ajv().addSchema({ $id: 'graph', ...graphSpec() });
  return (schema) => made.compile({ $ref: `graph#/components/schemas/microsoft.graph.${schema}` });
};

/** The properties that an online meeting may have, its base types' included. */
export const meetingProperties = (): Set<string> => {
  const { schemas } = graphSpec().components;
  const names = ['entity', 'onlineMeetingBase', 'onlineMeeting'].flatMap((name) => {
    const schema = schemas[`microsoft.graph.${name}`];
    return [schema, ...(schema?.allOf ?? [])].flatMap((part) => Object.keys(part?.properties ?? {}));
  });
  return new Set(names);
};

import { renderPage, type Frame } from '../pages/index.js';
import { METHODS, type Answer, type Content, type Operation, type Parameter } from './openapi-types.js';
import type { OpenApi } from './openapi.js';

/** `/docs`: every operation with who may call it and its examples. No script; in English, like the API itself. */
export function renderDocsPage(model: { readonly frame: Frame; readonly api: OpenApi }): string {
  const { api } = model;
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );
  return renderPage(
    { frame: model.frame, title: 'API' },
    <div lang="en" dir="ltr">
      <h1>{api.info.title}: API</h1>
      <section class="card">
        <p>{plain(api.info.description)}</p>
        <ul class="links">
          <li>
            <a href="/v1/openapi.json">OpenAPI 3.1 (/v1/openapi.json)</a>
          </li>
          <li>
            <a href="/v1/asyncapi.json">AsyncAPI 3, the events in and out (/v1/asyncapi.json)</a>
          </li>
        </ul>
      </section>
      {api.tags.map((tag) => (
        <section>
          <h2>{tag.name}</h2>
          <p class="soft">{tag.description}</p>
          {operations
            .filter(({ operation }) => operation.tags.includes(tag.name))
            .map(({ path, method, operation }) => (
              <OneOperation api={api} path={path} method={method} operation={operation} />
            ))}
        </section>
      ))}
    </div>,
  );
}

/** Marks of Markdown are for the document's other readers. */
const plain = (text: string) => text.replaceAll('`', '');

const mayCall = (operation: Operation) => {
  const roles = operation['x-roles'];
  if (roles === 'public') return operation.security.length > 0 ? 'whoever signs with our secret' : 'everybody';
  if (roles === 'anyone') return 'everybody who is signed in';
  return roles.join(', ');
};

const OneOperation = (props: { api: OpenApi; path: string; method: string; operation: Operation }) => {
  const { api, operation } = props;
  const parameters = (operation.parameters ?? []).map((parameter) => resolve<Parameter>(api, parameter));
  const answers = Object.entries(operation.responses).map(
    ([status, answer]) => [status, resolve<Answer>(api, answer)] as const,
  );
  return (
    <article class="card" id={operation.operationId}>
      <h3>
        <code>
          {props.method.toUpperCase()} {props.path}
        </code>
      </h3>
      <p>
        <strong>{plain(operation.summary)}</strong>
      </p>
      {operation.description?.split('\n\n').map((paragraph) => (
        <p>{plain(paragraph)}</p>
      ))}
      <p class="soft">May be called by: {mayCall(operation)}</p>
      {parameters.length > 0 && (
        <ul>
          {parameters.map((parameter) => (
            <li>
              <code>{parameter.name}</code> ({parameter.in}
              {parameter.required ? '' : ', optional'}): {plain(parameter.description)}
            </li>
          ))}
        </ul>
      )}
      {operation.requestBody && <Examples label="Request" content={operation.requestBody.content} />}
      <ul>
        {answers.map(([status, answer]) => (
          <li>
            <code>{status}</code> {plain(answer.description)}
          </li>
        ))}
      </ul>
      {answers.map(([status, answer]) => (
        <>
          {Number(status) < 400 && answer.content && <Examples label={`Answer ${status}`} content={answer.content} />}
        </>
      ))}
    </article>
  );
};

const Examples = (props: { label: string; content: Readonly<Record<string, Content>> }) => (
  <>
    {Object.entries(props.content).flatMap(([type, content]) =>
      examplesOf(content).map((example) => (
        <details>
          <summary>
            {props.label}: <code>{type}</code>
            {example.summary === null ? '' : `, ${example.summary}`}
          </summary>
          <pre class="scroll">
            <code>{typeof example.value === 'string' ? example.value : JSON.stringify(example.value, null, 2)}</code>
          </pre>
        </details>
      )),
    )}
  </>
);

const examplesOf = (content: Content): { summary: string | null; value: unknown }[] => [
  ...(content.example === undefined ? [] : [{ summary: null, value: content.example }]),
  ...Object.values(content.examples ?? {}),
];

/** Follows a reference within the document. */
function resolve<T>(api: OpenApi, value: T | { readonly $ref: string }): T {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value as T;
  return value.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], api) as T;
}

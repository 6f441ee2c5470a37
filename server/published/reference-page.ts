import { z } from 'zod';

const Schema = z.looseObject({ description: z.string().optional(), $ref: z.string().optional() });
const Content = z.record(z.string(), z.looseObject({ schema: Schema, example: z.unknown().optional() }));
const Operation = z.object({
  operationId: z.string().optional(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().optional(),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.string(),
      required: z.boolean(),
      schema: Schema.optional(),
      content: Content.optional(),
    }),
  ),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().optional(), content: Content.optional() })),
});
const Document = z.object({
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
type OneOperation = z.infer<typeof Operation>;

const plain = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? '&quot;');
/** Text in `…` becomes code. */
const words = (text: string) => plain(text).replace(/`([^`]+)`/g, '<code>$1</code>');
const json = (value: unknown) => `<pre tabindex="0">${linked(plain(JSON.stringify(value, null, 2)))}</pre>`;
/** References to the schemas below as links. */
const linked = (text: string) =>
  text.replace(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">#/components/schemas/$1</a>');

const style = `body{font:16px/1.5 system-ui;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
summary{cursor:pointer;padding:.3rem 0}summary:focus-visible,a:focus-visible,pre:focus-visible{outline:3px solid #06c}
pre{background:#f4f4f4;padding:1rem;overflow:auto;max-height:30rem}nav a{margin-right:.8rem}a{color:#04a}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}
details>*:not(summary){margin-left:1rem}`;

/** Plain HTML of the OpenAPI document, by nouns: it needs no script and no network, and is read and opened by the keyboard. */
export function referencePage(document: Record<string, unknown>): string {
  const { tags, paths, components } = Document.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const nouns = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${name}">${name}</h2><p>${words(description)}</p>${own.map(section).join('')}`;
  });
  // The anchor is inside `details`: a link to a closed one opens it.
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details><summary><b>${name}</b> ${words(schema.description ?? '')}</summary><div id="schema-${name}">${json(schema)}</div></details>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Topology Nexus: API reference</title><style>${style}</style>
<h1>Topology Nexus</h1><p>Send <code>Authorization: Bearer &lt;token&gt;</code>. Names are snake_case, lists page by <code>next_cursor</code>, errors are problems of RFC 9457. The whole document: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<nav aria-label="Nouns">${tags.map(({ name }) => `<a href="#${name}">${name}</a>`).join(' ')} <a href="#schemas">schemas</a></nav>
<main>${nouns.join('\n')}<h2 id="schemas">Schemas</h2>${schemas.join('\n')}</main></html>`;
}

function section({ path, method, operation }: { path: string; method: string; operation: OneOperation }): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map(({ name, in: place, required, schema, content }) => {
    const { description: what = '', ...rest } = schema ?? content?.['application/json']?.schema ?? {};
    return `<tr><td><code>${plain(name)}</code>${required ? '' : '?'}<td>${place}<td>${words(what)}<td><code>${linked(plain(JSON.stringify(rest)))}</code>`;
  });
  const body = requestBody?.content['application/json'];
  const answers = Object.entries(responses).map(([status, { description: what, content, ...rest }]) => {
    const [type, answer] = Object.entries(content ?? {})[0] ?? [];
    const shape = answer ? ` <code>${type}</code> <code>${linked(plain(JSON.stringify(answer.schema)))}</code>` : '';
    const reason = String(Object(rest).$ref ?? '').replace(/^.*\//, '');
    return `<li>${status} ${words(what ?? reason)}${shape}`;
  });
  return `<details${operationId ? ` id="${operationId}"` : ''}><summary><b>${method}</b> <code>${plain(path)}</code> ${words(summary)}${operationId ? ` <small>${operationId}</small>` : ''}</summary>
${description ? `<p>${words(description)}</p>` : ''}${rows.length > 0 ? `<table><thead><tr><th>parameter<th>in<th><th>schema</thead>${rows.join('')}</table>` : ''}${
  body
    ? `<h4>Body</h4>${json(body.schema)}${body.example === undefined ? '' : `<h4>Example</h4>${json(body.example)}`}`
    : ''
}<h4>Answers</h4><ul>${answers.join('')}</ul></details>`;
}

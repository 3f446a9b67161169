import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { createSandbox, type Sandbox } from '../../src/index.ts';

interface Media {
  readonly content: Readonly<Record<string, { readonly schema: object }>>;
}

interface Operation {
  readonly requestBody?: Media & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Media & { readonly headers?: object }>>;
}

interface Description {
  readonly openapi: string;
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const response = await createSandbox().fetch('/openapi.json');
export const description = (await response.json()) as Description;

// The description itself is the schema, so that references into it can be followed.
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'https://sandbox.test/', ...description });
const validators = new Map<string, ValidateFunction>();
const errorsOf = (schema: object, value: unknown) => {
  const rooted = JSON.stringify(schema).replace('"#/', '"https://sandbox.test/#/');
  const validate = validators.get(rooted) ?? ajv.compile(JSON.parse(rooted) as object);
  validators.set(rooted, validate);
  return validate(value) ? [] : validate.errors;
};

/** A fetch whose requests and answers are all held against the description of its sandbox. */
export function checkedByDescription(fetch: Sandbox['fetch']): Sandbox['fetch'] {
  let own: Promise<Description> | undefined;
  return async (input, init) => {
    const answer = await fetch(input, init);
    own ??= fetch('https://api.series.hr/openapi.json').then(
      async (described) => (await described.json()) as Description,
    );
    const operation = operationOf(await own, input, init?.method ?? 'GET');
    if (operation === undefined) return answer;
    const media = operation.responses[answer.status]?.content;
    expect(media, `an answer with status ${answer.status}`).toBeDefined();
    const text = await answer.clone().text();
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (type === 'application/json') {
      expect(errorsOf(media?.[type]?.schema ?? {}, JSON.parse(text))).toEqual([]);
    }
    const isLeftOut = operation.requestBody?.required === false && init?.body === '';
    const body = isLeftOut ? undefined : operation.requestBody?.content['application/json']?.schema;
    const sent = typeof init?.body === 'string' ? parsed(init.body) : undefined;
    if (body !== undefined && answer.ok) expect(errorsOf(body, sent)).toEqual([]);
    if (body !== undefined && text.includes('"Invalid ')) {
      expect(errorsOf(body, sent)).not.toEqual([]);
    }
    return answer;
  };
}

function operationOf(
  { paths }: Description,
  input: string | URL | Request,
  method: string,
): Operation | undefined {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  const path = Object.keys(paths).find((template) =>
    new RegExp(`^${template.replace('{ticketId}', '[^/]+')}$`).test(pathname),
  );
  return paths[path ?? '']?.[method.toLowerCase()];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import * as z from 'zod';
import {
  type Answer,
  encodeAnswer,
  fail,
  failureSchema,
  messageSchema,
  type Refusal,
  statusOf,
} from './answer.ts';
import { statusChangeSchema } from './change-status.ts';
import { staffMemberSchema, unclaimSchema } from './claim-ticket.ts';
import { ticketAnswerSchema } from './get-ticket.ts';
import { listQuerySchema, ticketListSchema } from './list-tickets.ts';
import type { ApiGuesses, Route } from './route.ts';
import { routes } from './routes.ts';
import { ticketDocumentSchema } from './ticket-document.ts';

const named: readonly (readonly [string, z.ZodType])[] = [
  ['StatusChange', statusChangeSchema],
  ['StaffMember', staffMemberSchema],
  ['Unclaim', unclaimSchema],
  ['Message', messageSchema],
  ['Failure', failureSchema],
  ['Ticket', ticketDocumentSchema],
  ['TicketAnswer', ticketAnswerSchema],
  ['TicketList', ticketListSchema],
];
const nameOf = (schema: z.ZodType) => named.find(([, one]) => one === schema)?.[0];
const reference = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${nameOf(schema)}` });
const json = (schema: z.ZodType) => ({ 'application/json': { schema: reference(schema) } });

/** An answer that a fault puts in place of the right one. */
export interface InjectedAnswer {
  readonly fault: string;
  readonly meaning: string;
  readonly answer: Omit<Answer, 'verdict'>;
}

/** What the description of the API depends on, apart from the calls themselves. */
export interface Describable extends ApiGuesses {
  readonly injected: readonly InjectedAnswer[];
  readonly requestsPerSecond: number;
  /** The options that stand for what the vendor does not document. */
  readonly guessedOptions: readonly string[];
}

/** The refusals that every call can meet, and when they are answered. */
const refusedEverywhere: Readonly<Partial<Record<Refusal, string>>> = {
  'no-key': 'There is no API key. Not documented by the vendor.',
  forbidden:
    'The workspace has no subscription, or does not use tickets; or, by an option, there is no API key.',
  'method-not-allowed': 'The address takes another method. Not documented by the vendor.',
  limited: 'Too many requests of this key. What it carries is not documented by the vendor.',
};

// Their bodies are options, which can make them plain text; by `missingKey`, no key can be a 403.
const textRefusals: ReadonlySet<string> = new Set<Refusal>(['no-key', 'forbidden', 'limited']);

/** Describes the API by OpenAPI 3.1, generated from the schemas and tables by which it answers. */
export function describeApi(describable: Describable): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ticket API sandbox',
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description: `An independent implementation of the Series HR ticket API for tests, made after its public documentation and not by or with the vendor. All calls share ${describable.requestsPerSecond} requests per second and key. What the vendor does not document is a guess, and an option of the sandbox: ${describable.guessedOptions.join(', ')}.`,
    },
    servers: [{ url: '/' }],
    // Either header will do.
    security: [{ apikey: [] }, { 'x-api-key': [] }],
    paths: paths(describable),
    components: {
      securitySchemes: {
        apikey: { type: 'apiKey', in: 'header', name: 'apikey' },
        'x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: schemas(),
    },
  };
}

function schemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas: generated } = z.toJSONSchema(registry, { uri, io: 'input' });
  return Object.fromEntries(
    Object.entries(generated).map(([id, schema]) => [
      id,
      { ...schema, $schema: undefined, $id: undefined },
    ]),
  );
}

function paths(describable: Describable): Record<string, Record<string, object>> {
  const found: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const { path } = route;
    found[path] = { ...found[path], [route.method.toLowerCase()]: operationOf(route, describable) };
  }
  return found;
}

function operationOf({ description: call, path }: Route, describable: Describable): object {
  const { operationId, summary, query, success, refusals } = call;
  const body = call.body?.(describable);
  const pathParameters = path.includes('{ticketId}')
    ? [{ name: 'ticketId', in: 'path', required: true, schema: { type: 'string' } }]
    : [];
  const parameters = [...pathParameters, ...(query === undefined ? [] : queryParameters())];
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !body.safeParse({}).success, content: json(body) } }),
    responses: {
      200: { description: successText(describable.injected), content: json(success) },
      ...failures({ ...refusals, ...refusedEverywhere }, describable.injected),
    },
  };
}

const isFailure = ({ answer }: InjectedAnswer) => answer.status >= 300;

function successText(injected: readonly InjectedAnswer[]): string {
  const broken = injected.filter((one) => !isFailure(one)).map(({ fault }) => `\`${fault}\``);
  const names = [...new Set(broken)].join(', ');
  return `It worked. The injected faults ${names} break this description on purpose.`;
}

function queryParameters(): object[] {
  const { properties = {} } = z.toJSONSchema(listQuerySchema, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }));
}

/** Every answer that is no success, by status: the refusals, and what faults send instead. */
function failures(
  refusals: Readonly<Partial<Record<Refusal, string>>>,
  injected: readonly InjectedAnswer[],
): Record<string, object> {
  const refused = Object.entries(refusals).flatMap(([refusal, text]) => {
    const status = statusOf[refusal as Refusal];
    const headers = refusal === 'method-not-allowed' ? { allow: '' } : {};
    const forms = textRefusals.has(refusal) ? (['json', 'text'] as const) : (['json'] as const);
    return forms.map((form) => ({ text, answer: { ...fail(status, '', form), headers } }));
  });
  const others = injected.filter(isFailure).map(({ fault, meaning, answer }) => {
    return { text: `Fault \`${fault}\`: ${meaning}`, answer };
  });
  const byStatus = Map.groupBy([...refused, ...others], ({ answer }) => answer.status);
  return Object.fromEntries(
    [...byStatus].map(([status, answers]) => [
      status,
      {
        description: [...new Set(answers.map(({ text }) => text))].join(' '),
        ...partsOf(answers.map(({ answer }) => encodeAnswer(answer).headers)),
      },
    ]),
  );
}

/** The headers and the bodies that answers with these headers have. */
function partsOf(all: readonly Readonly<Record<string, string>>[]): object {
  const text = { schema: { type: 'string' } };
  const { 'content-type': _type, ...headers } = Object.assign({}, ...all) as Record<string, string>;
  const types = all.flatMap((one) => one['content-type']?.split(';')[0] ?? []);
  const content = types.map((type) =>
    type === 'application/json' ? json(failureSchema) : { [type]: text },
  );
  const headerParts = Object.keys(headers).map((name) => [name, text] as const);
  return {
    ...(headerParts.length === 0 ? {} : { headers: Object.fromEntries(headerParts) }),
    ...(content.length === 0 ? {} : { content: Object.assign({}, ...content) as object }),
  };
}

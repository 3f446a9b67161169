import * as z from 'zod';
import { failureSchema, messageSchema } from './answer.ts';
import { statusChangeSchema } from './change-status.ts';
import { staffMemberSchema } from './claim-ticket.ts';
import { ticketAnswerSchema } from './get-ticket.ts';
import { listQuerySchema, ticketListSchema } from './list-tickets.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { ticketDocumentSchema } from './ticket-document.ts';

const named: readonly (readonly [string, z.ZodType])[] = [
  ['StatusChange', statusChangeSchema],
  ['StaffMember', staffMemberSchema],
  ['Message', messageSchema],
  ['Failure', failureSchema],
  ['Ticket', ticketDocumentSchema],
  ['TicketAnswer', ticketAnswerSchema],
  ['TicketList', ticketListSchema],
];
const nameOf = (schema: z.ZodType) => named.find(([, one]) => one === schema)?.[0];
const reference = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${nameOf(schema)}` });
const json = (schema: z.ZodType) => ({ 'application/json': { schema: reference(schema) } });

let description: object | undefined;

/** Describes the API by OpenAPI 3.1, generated from the schemas by which it is checked. */
export function describeApi(): object {
  description ??= {
    openapi: '3.1.1',
    info: {
      title: 'Ticket API sandbox',
      version: '1.0.0',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'An independent implementation of the Series HR ticket API for tests, made after its public documentation and not by or with the vendor. All calls share 25 requests per second and key.',
    },
    servers: [{ url: '/' }],
    // Either header will do.
    security: [{ apikey: [] }, { 'x-api-key': [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        apikey: { type: 'apiKey', in: 'header', name: 'apikey' },
        'x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: schemas(),
    },
  };
  return description;
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

function paths(): Record<string, Record<string, object>> {
  const found: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const { path } = route;
    found[path] = { ...found[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return found;
}

function operationOf({ description: call, path }: Route): object {
  const { operationId, summary, body, query, success, refusals } = call;
  const pathParameters = path.includes('{ticketId}')
    ? [{ name: 'ticketId', in: 'path', required: true, schema: { type: 'string' } }]
    : [];
  const parameters = [...pathParameters, ...(query === undefined ? [] : queryParameters())];
  return {
    operationId,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'It worked.', content: json(success) },
      ...failures(refusals),
      ...failures({
        401: 'There is no API key. Not documented by the vendor.',
        403: 'The workspace has no subscription, or does not use tickets.',
      }),
      429: {
        description:
          'Too many requests of this key. What it carries is not documented by the vendor.',
        headers: { 'Retry-After': { schema: { type: 'string' } } },
        content: { ...json(failureSchema), 'text/plain': { schema: { type: 'string' } } },
      },
    },
  };
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

function failures(descriptions: Readonly<Record<number, string>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(descriptions).map(([status, text]) => [
      status,
      { description: text, content: json(failureSchema) },
    ]),
  );
}

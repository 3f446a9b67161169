const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;

const blocker = {
  type: 'object',
  required: ['code', 'message', 'parameters'],
  properties: {
    code: { ...text, description: 'Stable, for programs.' },
    message: { ...text, description: 'For people.' },
    parameters: { type: 'object', description: 'What the message speaks of.' },
  },
} as const;

/**
 * JSON Schemas (2020-12) of what a service answers: `Problem` of `toProblem`, `EventChoice` of
 * `workflow.enabled`, `TicketPosition` of `workflow.where`. OpenAPI 3.1 takes them as they are, as
 * `components.schemas`.
 *
 * @example
 * ```ts
 * import { httpSchemas } from '@ticket-lifecycle/series';
 *
 * const openapi = { openapi: '3.1.0', components: { schemas: httpSchemas } };
 * console.log(Object.keys(openapi.components.schemas).join()); // Problem,EventChoice,TicketPosition
 * ```
 */
export const httpSchemas = {
  Problem: {
    type: 'object',
    description: 'Problem details (RFC 9457) of a change that was not made, or may not be.',
    required: ['type', 'title', 'status', 'detail'],
    additionalProperties: false,
    properties: {
      type: {
        enum: [
          'urn:ticket-lifecycle:blocked',
          'urn:ticket-lifecycle:refused',
          'urn:ticket-lifecycle:not-sent',
          'urn:ticket-lifecycle:unknown',
        ],
      },
      title: text,
      status: { enum: [202, 404, 409, 422, 502, 503] },
      detail: { ...text, minLength: 1 },
      ticketId: text,
      event: text,
      from: text,
      to: text,
      blockers: { type: 'array', items: blocker, minItems: 1 },
      enabled: texts,
      code: text,
      reason: text,
      observed: text,
      retryAfter: { type: 'integer', minimum: 1, description: 'In seconds.' },
    },
  },
  EventChoice: {
    type: 'object',
    description: 'An event, and whether it is possible now.',
    required: ['event', 'label', 'allowed', 'reasons', 'blockers'],
    additionalProperties: false,
    properties: {
      event: text,
      label: text,
      allowed: { type: 'boolean' },
      to: { ...text, description: 'Where it leads, if it is allowed.' },
      needs: { ...texts, description: 'The fields that the event has to carry.' },
      targets: { ...texts, description: 'All states that it may lead to, where these decide.' },
      schema: { type: 'object', description: 'What it carries, as a JSON Schema.' },
      reasons: texts,
      blockers: { type: 'array', items: blocker },
    },
  },
  TicketPosition: {
    type: 'object',
    description: 'Where a ticket stands.',
    required: ['ticketId', 'status', 'seenAt', 'assumed', 'candidates'],
    additionalProperties: false,
    properties: {
      ticketId: text,
      state: text,
      status: text,
      seenAt: { type: 'integer', description: 'Milliseconds since 1970 (UTC).' },
      assumed: { type: 'boolean' },
      candidates: texts,
    },
  },
} as const;

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

const count = { type: 'integer', minimum: 0 } as const;
const milliseconds = { type: 'number', minimum: 0 } as const;

const outcome = {
  type: 'object',
  description: 'A change that was made, or was not necessary.',
  required: ['kind', 'ticketId', 'attempts', 'waitedMs', 'status'],
  additionalProperties: false,
  properties: {
    kind: { enum: ['confirmed', 'unchanged'] },
    ticketId: text,
    event: { ...text, description: 'Absent for a move that had nothing to do.' },
    from: { ...text, description: 'Absent where `settle` can not tell it.' },
    to: { ...text, description: 'Absent where `settle` can not tell it.' },
    status: { ...text, description: 'The status of the ticket now.' },
    by: {
      enum: ['response', 'observation', 'lifecycle'],
      description: 'The proof, where the change was made.',
    },
    message: { ...text, description: 'As the API confirmed it.' },
    verified: { const: true, description: 'Read back after the success.' },
    attempts: { ...count, description: 'How often the change was sent.' },
    waitedMs: milliseconds,
    raceWindowMs: { ...milliseconds, description: 'From the last reading to the sending.' },
    reads: { ...count, description: 'How often the ticket was read back.' },
    assumed: { const: true, description: 'The definition alone chose between several states.' },
    resent: { const: true, description: 'Sent once more after its answer was lost.' },
    forced: {
      type: 'object',
      description: 'By whom the rules were overridden, why, and which.',
      required: ['by', 'why', 'overrode'],
      additionalProperties: false,
      properties: {
        by: { anyOf: [text, { type: 'number' }] },
        why: text,
        overrode: { type: 'array', items: blocker },
      },
    },
  },
} as const;

const step = {
  type: 'object',
  required: ['allowed', 'from', 'to', 'event', 'status', 'changesStatus'],
  additionalProperties: false,
  properties: {
    allowed: { const: true },
    from: text,
    to: text,
    event: text,
    status: text,
    changesStatus: { type: 'boolean', description: 'Whether the API is told.' },
  },
} as const;

/**
 * JSON Schemas (2020-12) of what a service answers. `Problem` is of `toProblem`. With 200, `Outcome` is
 * the body of a change, `Move` of `workflow.moveTo`, `TicketPosition` of `workflow.where`, and a list
 * of `EventChoice` of `workflow.enabled`. OpenAPI 3.1 takes them as they are, as `components.schemas`.
 *
 * @example
 * ```ts
 * import { httpSchemas } from '@ticket-lifecycle/series';
 *
 * const openapi = { openapi: '3.1.0', components: { schemas: httpSchemas } };
 * console.log(Object.keys(openapi.components.schemas).join()); // Problem,Outcome,Move,EventChoice,TicketPosition
 * ```
 */
export const httpSchemas: Readonly<
  Record<
    'Problem' | 'Outcome' | 'Move' | 'EventChoice' | 'TicketPosition',
    Readonly<Record<string, unknown>>
  >
> = {
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
  Outcome: outcome,
  Move: {
    type: 'object',
    description: 'A move that has arrived.',
    required: ['ticketId', 'from', 'to', 'steps', 'outcomes', 'outcome', 'arrived'],
    additionalProperties: false,
    properties: {
      ticketId: text,
      from: text,
      to: { ...text, description: 'The state or status that was asked for.' },
      steps: { type: 'array', items: step, description: 'Empty if the ticket was there already.' },
      outcomes: { type: 'array', items: outcome, minItems: 1 },
      outcome: { ...outcome, description: 'The last one.' },
      arrived: { const: true },
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
};

import type { EventObject } from 'xstate';
import { payloadRefused, type Blocker } from '../blockers.ts';
import { LifecycleDefinitionError } from '../errors.ts';
import type { ReportFault } from './fault-list.ts';
import { expected, isRecord, isThenable } from '../values.ts';

/**
 * What an event has to carry beside its type: a zod schema, or one of any library that follows
 * Standard Schema.
 */
export interface PayloadSchema<Payload = unknown> {
  readonly '~standard': {
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: Payload; readonly output: unknown } | undefined;
  };
}

/** Payload schemas by the names of their events. */
export type PayloadSchemas = Readonly<Record<string, PayloadSchema | undefined>>;

/** Reports values that are not schemas, and schemas of events that do not exist. */
export function checkPayloads(
  payloads: Readonly<Record<string, unknown>>,
  events: readonly string[],
  report: ReportFault,
): void {
  for (const [event, schema] of Object.entries(payloads)) {
    const path = `options.payloads.${event}`;
    if (!events.includes(event)) {
      const known = events.join(', ');
      report(path, 'unknown-event', `There is no such event. The events are ${known}.`);
    }
    const standard: unknown = (schema as PayloadSchema | null | undefined)?.['~standard'];
    if (!isRecord(standard) || typeof standard['validate'] !== 'function') {
      report(path, 'wrong-type', expected('a zod schema', schema));
    }
  }
}

/** Says everything that an event's payload lacks. */
export function refusalsOf(schema: PayloadSchema, { type, ...payload }: EventObject): Blocker[] {
  let answer: unknown;
  try {
    answer = schema['~standard'].validate(payload);
  } catch (cause) {
    throw brokenSchema(type, 'threw', cause);
  }
  if (isThenable(answer)) {
    // zod answers so as well where a check of it threw. Nobody will wait for it.
    Promise.resolve(answer).catch(() => {});
    throw brokenSchema(type, 'gave a Promise: it is async, or a check of it threw');
  }
  const { issues = [] } = answer as { issues?: readonly Issue[] };
  return issues.map(({ path = [], message }) =>
    payloadRefused(
      type,
      path.map((part) => (isRecord(part) ? part['key'] : part)).map(String),
      message,
    ),
  );
}

/** The fields that an event needs, or `undefined` where it may come without any data. */
export function needsOf(schema: PayloadSchema, type: string): readonly string[] | undefined {
  const refusals = refusalsOf(schema, { type });
  if (refusals.length === 0) return undefined;
  const fields = refusals.flatMap(({ parameters }) => (parameters['path'] as string[]).slice(0, 1));
  return Object.freeze([...new Set(fields)]);
}

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[];
}

function brokenSchema(event: string, what: string, cause?: unknown): LifecycleDefinitionError {
  const path = `options.payloads.${event}`;
  const message = `The payload schema of ${event} ${what}.`;
  return new LifecycleDefinitionError([{ code: 'broken-payload', path, message }], { cause });
}

import type { EventObject } from 'xstate';
import { payloadRefused, type PayloadBlocker } from '../blockers.ts';
import { brokenPart } from './fault-list.ts';
import { isRecord, isThenable } from '../values.ts';

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

/** Payload schemas by the names of their events. What an event without one carries is not checked. */
export type PayloadSchemas = Readonly<Record<string, PayloadSchema | undefined>>;

/** Whether a value follows Standard Schema. */
export function isSchema(value: unknown): boolean {
  const standard: unknown = (value as PayloadSchema | null | undefined)?.['~standard'];
  return isRecord(standard) && typeof standard['validate'] === 'function';
}

/**
 * Lists everything that a schema refuses of an event's payload.
 *
 * @throws LifecycleDefinitionError for a schema that throws, or answers with a Promise
 */
export function refusalsOf(
  schema: PayloadSchema,
  { type, ...payload }: EventObject,
): PayloadBlocker[] {
  // zod gives a Promise as well where a check of it threw.
  let problem = 'is async, or a check threw';
  let cause: unknown;
  try {
    let answer = schema['~standard'].validate(payload);
    // A schema may describe the whole event.
    if (issuesOf(answer)?.some(speaksOfType)) {
      answer = schema['~standard'].validate({ type, ...payload });
    }
    const issues = issuesOf(answer);
    if (issues !== undefined) {
      return issues.map(({ path = [], message }) => {
        return payloadRefused(type, path.map(keyOf).map(String), message);
      });
    }
    cause = answer;
  } catch (error) {
    problem = 'threw';
    cause = error;
  }
  const message = `The payload schema of ${type} ${problem}.`;
  throw brokenPart(`options.payloads.${type}`, 'broken-payload', message, cause);
}

/** The fields that an event needs, or `undefined` where it may come without any data. */
export function needsOf(schema: PayloadSchema, type: string): readonly string[] | undefined {
  const refusals = refusalsOf(schema, { type });
  if (refusals.length === 0) return undefined;
  const fields = refusals.flatMap(({ parameters }) => parameters.path.slice(0, 1));
  return Object.freeze([...new Set(fields)]);
}

/** What a schema refuses, unless it gave no answer. */
const issuesOf = (answer: unknown): readonly Issue[] | undefined =>
  typeof answer === 'object' && !isThenable(answer)
    ? ((answer as { issues?: readonly Issue[] }).issues ?? [])
    : undefined;

const keyOf = (part: unknown): unknown => (isRecord(part) ? part['key'] : part);

/** Whether an issue is about the event's type; zod tells what each part of a union refuses. */
const speaksOfType = ({ path = [], errors = [] }: Issue): boolean =>
  path.length === 0 ? errors.flat().some(speaksOfType) : keyOf(path[0]) === 'type';

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[];
  readonly errors?: readonly (readonly Issue[])[];
}

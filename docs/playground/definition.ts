import {
  defineLifecycle,
  LifecycleDefinitionError,
  type Lifecycle,
  type LifecycleConfig,
} from '@ticket-lifecycle/core';
import type { Span } from './literal.ts';
import { presetGuardMessages } from './presets.ts';

/** One thing that is wrong with a definition, and where. */
export interface Fault {
  readonly place: string;
  readonly message: string;
  /** Where in the text, and in which of its lines, from 1. */
  readonly span: Span;
  readonly line: number;
}

/** Which guards hold, by name. It is the context of the playground's lifecycles. */
export type GuardAnswers = Readonly<Record<string, boolean>>;

/** The same answers with one more. A guard may have any name, `__proto__` too. */
export const withAnswer = (answers: GuardAnswers, guard: string, holds: boolean): GuardAnswers =>
  Object.fromEntries([...Object.entries(answers), [guard, holds]]);

/** Whether somebody said that a guard holds. */
export const isHeld = (answers: GuardAnswers, guard: string): boolean =>
  Object.hasOwn(answers, guard) && answers[guard] === true;

/** A lifecycle of the page: its guards ask the page. */
export type PageLifecycle = Lifecycle<string, { readonly type: string }, GuardAnswers>;

/** What a text in the editor amounts to. */
export type Reading =
  | {
      readonly kind: 'lifecycle';
      readonly lifecycle: PageLifecycle;
      /** The machine as it was written, for export. */
      readonly config: object;
      readonly guards: readonly string[];
    }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

/** Reads an XState machine as JSON, JSON5 or TypeScript, and says all that is wrong with it. */
export async function readDefinition(text: string): Promise<Reading> {
  const known = readJson(text);
  if (known?.kind === 'lifecycle') return known;
  // The parser that knows places is loaded when something is not plain JSON, or not right.
  const { LiteralError, readLiteral } = await import('./literal.ts');
  const faultAt = (span: Span, place: string, message: string): Fault => ({
    place,
    message,
    span,
    line: text.slice(0, span.from).split('\n').length,
  });
  try {
    const literal = readLiteral(text);
    const made = lifecycleOf(literal.value);
    if (made.kind === 'lifecycle') return made;
    const faults = made.faults.map(({ path, code, message }) => {
      const place = placeOf(path, code);
      return faultAt(literal.placeOf(place), place, message);
    });
    return { kind: 'faults', faults: faults.toSorted((a, b) => a.span.from - b.span.from) };
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    return { kind: 'faults', faults: [faultAt(error.span, 'text', error.message)] };
  }
}

// What makes transitions besides `on`: the fault names the state, and the editor shows the key.
const keys = new Map([
  ...['after', 'always', 'invoke', 'route'].map((key) => [key, key] as const),
  ['on-done', 'onDone'],
]);

function placeOf(path: string, code: string): string {
  const key = keys.get(code);
  if (key === undefined) return path;
  return path === '(machine)' ? key : `${path}.${key}`;
}

/** How many keys a text of JSON has. */
const keysIn = (text: string): number =>
  [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;

/** How many keys came of it: of two that are equal only the last. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, inner) => sum + keysOf(inner), own);
}

function readJson(text: string): Made | undefined {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config !== 'object' || config === null) return undefined;
    // A key that is there twice has a place, which the other parser knows.
    return keysIn(text) === keysOf(config) ? lifecycleOf(config) : undefined;
  } catch {
    return undefined;
  }
}

type Made =
  | Extract<Reading, { kind: 'lifecycle' }>
  | {
      readonly kind: 'refused';
      readonly faults: readonly { path: string; code: string; message: string }[];
    };

function lifecycleOf(config: object): Made {
  const guards = [...new Set(guardNamesIn(config))];
  try {
    const answers = Object.fromEntries(guards.map((name) => [name, false]));
    const lifecycle = defineLifecycle({ ...config, context: answers } as LifecycleConfig, {
      guards: Object.fromEntries(guards.map((name) => [name, answered(name)])),
      guardMessages: messagesOf(guards),
    });
    return {
      kind: 'lifecycle',
      guards,
      config,
      lifecycle: lifecycle as unknown as PageLifecycle,
    };
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) return { kind: 'refused', faults: error.faults };
    return {
      kind: 'refused',
      faults: [{ path: '(machine)', code: '', message: (error as Error).message }],
    };
  }
}

// In the page, people say which guards hold.
const answered =
  (name: string) =>
  ({ context }: { readonly context: unknown }) =>
    isHeld(context as GuardAnswers, name);

const messagesOf = (guards: readonly string[]) =>
  Object.fromEntries(
    guards.flatMap((name) => {
      const message = Object.hasOwn(presetGuardMessages, name)
        ? presetGuardMessages[name]
        : undefined;
      return message === undefined ? [] : [[name, message]];
    }),
  );

// Their keys are names of states and events, which may be any word.
const holdNames = new Set(['states', 'on']);

function guardNamesIn(value: unknown, hasNames = false): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (hasNames || key !== 'guard') return guardNamesIn(inner, !hasNames && holdNames.has(key));
    const name: unknown = typeof inner === 'object' ? (inner as { type?: unknown })?.type : inner;
    return typeof name === 'string' ? [name] : [];
  });
}

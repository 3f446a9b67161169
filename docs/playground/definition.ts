import {
  defineLifecycle,
  LifecycleDefinitionError,
  type Lifecycle,
  type LifecycleConfig,
} from '@ticket-lifecycle/core';
import { presetGuardMessages } from './presets.ts';

/** One thing that is wrong with a definition, and where. */
export interface Fault {
  readonly place: string;
  readonly message: string;
}

/** Which guards hold, by name. It is the context of the playground's lifecycles. */
export type GuardAnswers = Readonly<Record<string, boolean>>;

/** What a text in the editor amounts to. */
export type Reading =
  | {
      readonly kind: 'lifecycle';
      readonly lifecycle: Lifecycle<string, { readonly type: string }, GuardAnswers>;
      readonly guards: readonly string[];
    }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

/** Reads an XState machine as JSON, and says all that is wrong with it. */
export function readDefinition(text: string): Reading {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    return faults({ place: 'JSON', message: (error as Error).message });
  }
  if (typeof config !== 'object' || config === null || !('states' in config)) {
    return faults({ place: '(machine)', message: 'Expected an object with initial and states.' });
  }

  const guards = [...new Set(guardNamesIn(config))];
  try {
    const answers = Object.fromEntries(guards.map((name) => [name, false]));
    const lifecycle = defineLifecycle({ ...config, context: answers } as LifecycleConfig, {
      guards: Object.fromEntries(guards.map((name) => [name, answered(name)])),
      guardMessages: presetGuardMessages,
    });
    return { kind: 'lifecycle', guards, lifecycle: lifecycle as unknown as LifecycleOfPage };
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) {
      return faults(...error.faults.map(({ path, message }) => ({ place: path, message })));
    }
    return faults({ place: '(machine)', message: (error as Error).message });
  }
}

// In the page, people say which guards hold.
const answered =
  (name: string) =>
  ({ context }: { readonly context: unknown }) =>
    (context as GuardAnswers)[name] === true;

type LifecycleOfPage = Extract<Reading, { kind: 'lifecycle' }>['lifecycle'];

const faults = (...all: Fault[]): Reading => ({ kind: 'faults', faults: all });

function guardNamesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== 'guard') return guardNamesIn(inner);
    const name: unknown = typeof inner === 'object' ? (inner as { type?: unknown })?.type : inner;
    return typeof name === 'string' ? [name] : [];
  });
}

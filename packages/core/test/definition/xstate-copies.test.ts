import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type * as XState from 'xstate';
import { and, type AnyStateMachine } from 'xstate';
import { defineLifecycle, type Lifecycle } from '../../src/index.ts';
import { guardsOf } from '../support/blockers-of.ts';
import { faultsOf } from '../support/machine-of.ts';

// An app may have another copy of xstate than core has: its functions are others, and a bundler
// has renamed them.
const require = createRequire(import.meta.url);
const minified = {} as typeof XState;
const file = new URL('xstate.umd.min.js', `file://${require.resolve('xstate')}`);
const run: unknown = runInThisContext(
  `(function (exports, module) { ${readFileSync(file, 'utf8')} })`,
);
(run as (exports: object, module: object) => void)(minified, {});

describe.each([['a minified copy', minified]])('a machine of %s of xstate', (_, copy) => {
  const machine = copy
    .setup({
      types: { context: {} as { owner: { role: string } | null } },
      guards: {
        hasOwner: ({ context }) => context.owner !== null,
        ownerIsLead: ({ context }) => context.owner?.role === 'lead',
        isOpen: () => false,
      },
    })
    .createMachine({
      context: { owner: null },
      initial: 'open',
      states: {
        open: {
          on: {
            CLOSE: { target: 'closed', guard: copy.and(['hasOwner', 'ownerIsLead']) },
            DROP: { target: 'closed', guard: copy.or(['hasOwner', 'ownerIsLead']) },
            SKIP: { target: 'closed', guard: copy.not(copy.and(['hasOwner'])) },
          },
        },
        closed: { on: { REOPEN: 'open' } },
      },
    });

  test('is another copy', () => {
    expect(copy.and([])).not.toHaveProperty(
      'check',
      (and([]) as unknown as { check: unknown }).check,
    );
  });

  test('has its combined guards taken apart', () => {
    const lifecycle: Lifecycle = defineLifecycle(machine as unknown as AnyStateMachine);
    const ask = (event: string) => guardsOf(lifecycle.explain('open', event));
    expect(ask('CLOSE')).toEqual(['hasOwner', 'ownerIsLead']);
    expect(ask('DROP')).toEqual(['or(hasOwner, ownerIsLead)']);
    expect(ask('SKIP')).toEqual([]);
    expect(lifecycle.can('open', 'CLOSE', { owner: { role: 'lead' } })).toBe(true);
  });

  test('has its other guards refused for the same reasons', () => {
    const withGuard = (guard: unknown) =>
      faultsOf(
        copy.createMachine({
          initial: 'open',
          states: {
            open: { on: { CLOSE: { target: 'closed', guard } } },
            closed: { type: 'final' },
          },
        } as never) as never,
      ).map(({ code }) => code);
    expect(withGuard(copy.stateIn('open'))).toEqual(['unsupported-guard']);
    expect(withGuard(() => true)).toEqual(['unnamed-guard']);
    expect(withGuard(Object.assign(() => true, { check: 5 }))).toEqual(['unsupported-guard']);
  });
});

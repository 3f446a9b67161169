import { afterEach, expect, test } from 'vitest';
import { defineLifecycle } from '../../src/index.ts';
import { defineLeanLifecycle } from '../../src/lifecycle/lean.ts';

const groupBy: unknown = Reflect.get(Map, 'groupBy');
afterEach(() => void Reflect.set(Map, 'groupBy', groupBy));

test('a runtime that is too old is named, and the definition is not blamed', () => {
  Reflect.deleteProperty(Map, 'groupBy');
  const define = () => defineLifecycle({ initial: 'open', states: { open: { type: 'final' } } });
  expect(define).toThrow('@ticket-lifecycle needs ES2024: Node.js 22 or newer');
});

test('a page that only asks runs there', () => {
  Reflect.deleteProperty(Map, 'groupBy');
  const lean = defineLeanLifecycle({
    initial: 'open',
    states: { open: { on: { CLOSE: 'closed' } }, closed: {} },
  });
  expect([lean.can('open', 'CLOSE'), lean.can('closed', 'CLOSE')]).toEqual([true, false]);
  expect(lean.fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

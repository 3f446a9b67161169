import {
  checkOutboxOptions,
  createListeners,
  createOutbox,
  type OutboxOptions,
} from '../create-outbox.ts';
import { createMemoryStore } from './memory-store.ts';
import type { Outbox } from '../model/outbox.ts';

/**
 * Makes an outbox that keeps its changes in memory: for tests, and for trying things out. All is
 * lost with the process.
 *
 * @throws TypeError for options that make no sense
 *
 * @example
 * ```ts
 * import { createMemoryOutbox } from '@ticket-lifecycle/outbox';
 *
 * const outbox = createMemoryOutbox();
 * await outbox.accept({ ticketId: 'TICKET-1', event: 'START', staffUserId: 7 });
 * console.log((await outbox.inspect.depth()).waiting); // 1
 * await outbox.close();
 * ```
 */
export function createMemoryOutbox(options: OutboxOptions = {}): Outbox {
  const settings = checkOutboxOptions('createMemoryOutbox', options, {});
  const capabilities = {
    transactional: false,
    scope: 'process',
    survives: 'nothing',
    liveness: 'none',
  } as const;
  const listeners = createListeners(options.onEvent);
  return createOutbox(createMemoryStore(settings), capabilities, settings, listeners);
}

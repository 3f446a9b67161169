import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { DeliveryJob } from '../model/delivery.ts';

/** The part of undici's own request that its diagnostics show. */
interface UndiciRequest {
  readonly method?: unknown;
  readonly path?: unknown;
}

/** A request that is cut where it would be sent too late. */
interface Watch {
  readonly method: string;
  readonly path: string;
  readonly isHeld: () => boolean;
  readonly cut: AbortController;
}

const storage = new AsyncLocalStorage<Watch>();
const watches = new WeakMap<UndiciRequest, Watch>();
let isListening = false;

/**
 * Fetches while this process holds the change, by its own clock, up to the moment in which the
 * headers are written: a process that was stopped while its connection was being made finds it
 * ready when it wakes. What is cut then has not been sent, so it is asked for and sent again.
 *
 * Only the `fetch` of Node.js shows that moment. With another, it is asked right before.
 */
export async function fetchWhileHeld(
  fetch: typeof globalThis.fetch,
  request: Request,
  { ensureHeld, isHeld }: Pick<DeliveryJob, 'ensureHeld' | 'isHeld'>,
): Promise<Response> {
  listen();
  const { pathname, search } = new URL(request.url);
  for (;;) {
    await ensureHeld();
    const cut = new AbortController();
    const watch: Watch = { method: request.method, path: pathname + search, isHeld, cut };
    try {
      return await storage.run(watch, () => {
        const signal = AbortSignal.any([request.signal, cut.signal]);
        return fetch(request.clone(), { signal });
      });
    } catch (error) {
      if (!cut.signal.aborted) throw error;
    }
  }
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  on('undici:request:create', (request) => {
    const watch = storage.getStore();
    // A pool that is full creates a request later, in the context of another.
    if (watch === undefined) return;
    if (watch.method === request.method && watch.path === request.path) watches.set(request, watch);
  });
  on('undici:client:sendHeaders', (request) => {
    const watch = watches.get(request);
    // Nothing is written yet, and nothing will be.
    if (watch?.isHeld() === false) watch.cut.abort();
  });
}

function on(name: string, note: (request: UndiciRequest) => void): void {
  subscribe(name, (message) => note((message as { readonly request: UndiciRequest }).request));
}

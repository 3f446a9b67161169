import type { AsyncLocalStorage } from 'node:async_hooks';
import type * as DiagnosticsChannel from 'node:diagnostics_channel';

/** Follows one request through undici, the client behind the `fetch` of Node.js. */
export interface UndiciTrace {
  /** Runs what fetches; whatever undici does for it is noted here. */
  follow<Result>(fetching: () => Promise<Result>): Promise<Result>;
  /**
   * Whether the fetch, once it was rejected or aborted, surely sent nothing: undici made the
   * request and never wrote its headers. False also where undici did not show itself.
   */
  sentNothing(): boolean;
  /** Whether the server answered 421, upon which fetch would send the request again by itself. */
  isMisdirected(): boolean;
}

/** Makes a trace for each request. */
export interface UndiciTracer {
  /** `cut` ends the fetch: a request goes out once for each slot, and no more. */
  trace(method: string, url: URL, cut: () => void): UndiciTrace;
}

/** The part of undici's own request that its diagnostics show. */
interface UndiciRequest {
  readonly method?: unknown;
  readonly origin?: string | URL;
  readonly path?: unknown;
}

interface Note {
  readonly method: string;
  readonly url: URL;
  readonly cut: () => void;
  isCreated: boolean;
  isSent: boolean;
  isMisdirected: boolean;
}

// The standard has fetch try another connection after this answer.
const misdirected = 421;

let tracer: UndiciTracer | undefined | 'not asked' = 'not asked';

/**
 * The process's tracer, or `undefined` where there is no undici to listen to: in browsers and in
 * other runtimes. The modules of Node.js are asked for at run time, so that a bundler for a
 * browser finds nothing to complain about.
 */
export function undiciTracer(): UndiciTracer | undefined {
  if (tracer !== 'not asked') return tracer;
  const load = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule;
  const channels = load?.('node:diagnostics_channel');
  const hooks = load?.('node:async_hooks');
  tracer =
    typeof channels?.subscribe === 'function' && hooks !== undefined
      ? createTracer(channels, new hooks.AsyncLocalStorage<Note>())
      : undefined;
  return tracer;
}

function createTracer(
  channels: typeof DiagnosticsChannel,
  storage: AsyncLocalStorage<Note>,
): UndiciTracer {
  const notes = new WeakMap<object, Note>();
  // Over HTTP/2 undici 6 says nothing of headers, so its silence would prove nothing either.
  let mayBeSilent = false;

  on('undici:request:create', ({ request }) => {
    const note = storage.getStore();
    // A pool that is full creates a request later, in the context of another: a request counts
    // only for the note that describes it.
    if (note === undefined || request === undefined || !isRequestOf(note, request)) return;
    note.isCreated = true;
    notes.set(request, note);
  });
  on('undici:client:connected', ({ socket }) => {
    if (socket?.alpnProtocol === 'h2') mayBeSilent = true;
  });
  for (const name of [
    'undici:client:sendHeaders',
    'undici:request:bodySent',
    'undici:request:headers',
  ]) {
    on(name, ({ request, response }) => {
      const note = request === undefined ? undefined : notes.get(request);
      if (note === undefined) return;
      note.isSent = true;
      // A fetch from elsewhere that does not heed the cut may send again, and be processed.
      if (name === 'undici:client:sendHeaders') note.isMisdirected = false;
      if (response?.statusCode !== misdirected) return;
      note.isMisdirected = true;
      // Later than now, when undici is in the middle of the answer; sooner than fetch looks at it.
      queueMicrotask(note.cut);
    });
  }

  return {
    trace(method, url, cut) {
      const seen = { isCreated: false, isSent: false, isMisdirected: false };
      const note: Note = { method: method.toUpperCase(), url, cut, ...seen };
      return {
        follow: (fetching) => storage.run(note, fetching),
        sentNothing: () => note.isCreated && !note.isSent && !mayBeSilent,
        isMisdirected: () => note.isMisdirected,
      };
    },
  };

  function on(name: string, note: (message: Message) => void): void {
    // Whoever publishes is in the middle of a request; nothing may be thrown into it.
    channels.subscribe(name, (message) => note(message as Message));
  }
}

interface Message {
  readonly request?: UndiciRequest | undefined;
  readonly response?: { readonly statusCode?: unknown } | undefined;
  readonly socket?: { readonly alpnProtocol?: unknown } | undefined;
}

function isRequestOf({ method, url }: Note, request: UndiciRequest): boolean {
  const { pathname, search, origin } = url;
  return (
    request.method === method &&
    request.path === pathname + search &&
    (request.origin === undefined || String(request.origin) === origin)
  );
}

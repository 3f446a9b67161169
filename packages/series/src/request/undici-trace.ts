import type { AsyncLocalStorage } from 'node:async_hooks';
import type * as DiagnosticsChannel from 'node:diagnostics_channel';

/** Follows one request through undici, the client behind the `fetch` of Node.js. */
export interface UndiciTrace {
  /** Runs a fetch, and notes what undici does for it. */
  follow<Result>(fetching: () => Promise<Result>): Promise<Result>;
  /**
   * Whether a rejected or aborted fetch surely sent nothing: undici created the request and never
   * wrote its headers. False also where undici reported nothing.
   */
  sentNothing(): boolean;
  /** Whether the headers of any request were written for it, also by a fetch that tries again. */
  sentSomething(): boolean;
  /** Whether the request was cut because it must not be written any more. */
  isHeldBack(): boolean;
  /** Whether the server answered 421, upon which fetch would send the request again by itself. */
  isMisdirected(): boolean;
}

/** Makes a trace for each request. */
export interface UndiciTracer {
  /**
   * `cut` ends the fetch: a request goes out once for each slot, and no more. It is also called
   * where `mayWrite` says no in the moment in which the headers are about to be written.
   */
  trace(method: string, url: URL, cut: () => void, mayWrite?: () => boolean): UndiciTrace;
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
  readonly mayWrite: (() => boolean) | undefined;
  isCreated: boolean;
  /** Whether its headers may have left, for it or for any request that was made on its way. */
  isSent: boolean;
  isHeldBack: boolean;
  isMisdirected: boolean;
}

// The standard has fetch try another connection after this answer.
const misdirected = 421;

let tracer: UndiciTracer | undefined | 'not asked' = 'not asked';

/**
 * The process's tracer, or `undefined` where there is no undici to listen to, as in browsers. The
 * modules of Node.js are loaded at run time, so that bundlers for browsers don't see them.
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
  const others = new WeakMap<object, Note>();
  // Over HTTP/2 undici 6 reports no headers, so its silence proves nothing.
  let mayBeSilent = false;

  on('undici:request:create', ({ request }) => {
    const note = storage.getStore();
    // A full pool creates a request later, in the context of another one: a request counts only for
    // the note that describes it.
    if (note === undefined || request === undefined) return;
    // A proxy is asked for a tunnel before the request may leave.
    if (request.method === 'CONNECT') return;
    if (isRequestOf(note, request)) {
      note.isCreated = true;
      notes.set(request, note);
    } else if (!notes.has(request)) {
      // A fetch from elsewhere may ask another address. It proves nothing but that something left.
      others.set(request, note);
    }
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
      const other = request === undefined ? undefined : others.get(request);
      if (other !== undefined) other.isSent = true;
      if (note === undefined) return;
      if (name === 'undici:client:sendHeaders') {
        // Nothing is written yet. What is cut now never will be.
        if (note.mayWrite?.() === false) {
          note.isHeldBack = true;
          return note.cut();
        }
        // A fetch from elsewhere that does not heed the cut may send again, and be processed.
        note.isMisdirected = false;
      }
      note.isSent = true;
      if (response?.statusCode !== misdirected) return;
      note.isMisdirected = true;
      // Not now, while undici is handling the response, but before fetch sees it.
      queueMicrotask(note.cut);
    });
  }

  // A fetch from elsewhere may be made of these. They prove nothing but that something left.
  on('http.client.request.start', ({ request }) => {
    const note = storage.getStore();
    if (note === undefined || request === undefined) return;
    const sent = request as unknown as HttpRequest;
    if (sent.socket) whenOpen(sent.socket, note);
    else sent.once('socket', (socket) => whenOpen(socket, note));
  });
  on('http2.client.stream.created', ({ stream }) => {
    const note = storage.getStore();
    if (note !== undefined && stream?.session) whenOpen(stream.session, note);
  });

  return {
    trace(method, url, cut, mayWrite) {
      const seen = { isCreated: false, isSent: false, isHeldBack: false, isMisdirected: false };
      const note: Note = { method: method.toUpperCase(), url, cut, mayWrite, ...seen };
      return {
        follow: (fetching) => storage.run(note, fetching),
        sentNothing: () => note.isCreated && !note.isSent && !mayBeSilent,
        sentSomething: () => note.isSent,
        isHeldBack: () => note.isHeldBack && !note.isSent,
        isMisdirected: () => note.isMisdirected,
      };
    },
  };

  function on(name: string, note: (message: Message) => void): void {
    channels.subscribe(name, (message) => note(message as Message));
  }
}

/** A connection of Node.js's own clients, as far as it shows whether it is open. */
interface Connection {
  readonly connecting?: boolean;
  readonly encrypted?: boolean;
  readonly secureConnecting?: boolean;
  once(event: string, listener: () => void): unknown;
}

interface HttpRequest {
  readonly socket: Connection | null;
  once(event: 'socket', listener: (socket: Connection) => void): unknown;
}

/** Notes that something may leave as soon as a connection is open: before that nothing can. */
function whenOpen(connection: Connection, note: Note): void {
  const leaves = () => {
    note.isSent = true;
  };
  const { connecting, encrypted, secureConnecting } = connection;
  if (connecting !== true && secureConnecting !== true) leaves();
  else connection.once(encrypted === true ? 'secureConnect' : 'connect', leaves);
}

interface Message {
  readonly stream?: { readonly session?: Connection | undefined } | undefined;
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

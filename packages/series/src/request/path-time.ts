import type * as DiagnosticsChannel from 'node:diagnostics_channel';

// How long the way to a server takes at least
//
// A TCP handshake is one packet there and one back, and no server works on it. So it takes as long as
// a request and its answer are on their way together, and no longer. Its end is seen with some delay,
// because the event loop may be busy. But a loop that has turned twice since would have seen it. So it
// ended no sooner than the turn before the last: that moment is taken, and the time is never too long.
//
// Every new connection to the address is measured, whoever opens it: undici tells which address it
// connects to, and Node.js gives the socket that it makes for that in the same moment. A proxy in
// between has another address, and proves nothing. Where connections live long, `isStale` asks for a
// new one now and then.
//
// The assumption: within five minutes, the path does not become faster by more than a quarter of the
// fastest handshake. Where it does all the same, a 429 may follow, and all is measured anew.
// Nine tenths were too bold: a second held one request too many in 50,000, since a machine on the way
// that stands still for a moment makes a handshake longer than the path.

/** What is known of the way to one address. */
export interface PathTime {
  /**
   * Milliseconds that a request and its answer surely travel; 0 where no connection to the address was
   * ever seen, `undefined` while those that were seen have not told.
   */
  floorMs(): number | undefined;
  /** Whether it is time to measure again, by a new connection. */
  isStale(): boolean;
  /** Notes that a new connection was asked for. */
  renewed(): void;
  /** Forgets all that was measured: it was too long. */
  forget(): void;
}

/** A handshake that ended at `at`, after `atLeastMs` and at most `atMostMs`. */
interface Handshake {
  readonly at: number;
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

const trustedShare = 0.75;
const rememberedMs = 5 * 60_000;
const staleAfterMs = 60_000;
// A connection that was asked for may not be needed for a while.
const renewalMs = 5000;
const tickMs = 1;
// A handshake whose end was seen so late is vague. It counts, and the next clear one takes its place.
const mostDoubtMs = 10;
const mostHandshakes = 100;

/** Collects the handshakes with one address. */
export function createPathTime(
  now = () => performance.now(),
): PathTime & { note(handshake: Handshake): void } {
  let handshakes: Handshake[] = [];
  let latestAt = -Infinity;
  let renewedAt = -Infinity;
  let wasSeen = false;
  return {
    note(handshake) {
      wasSeen = true;
      const known = handshakes.slice(1 - mostHandshakes);
      if (isVague(handshake)) {
        handshakes = [...known, handshake];
      } else {
        latestAt = handshake.at;
        handshakes = [...known.filter((other) => !isVague(other)), handshake];
      }
    },
    floorMs() {
      handshakes = handshakes.filter(({ at }) => now() - at < rememberedMs);
      if (handshakes.length === 0) return wasSeen ? undefined : 0;
      return trustedShare * Math.min(...handshakes.map(({ atLeastMs }) => atLeastMs));
    },
    isStale: () => now() - latestAt > staleAfterMs && now() - renewedAt > renewalMs,
    renewed() {
      renewedAt = now();
    },
    forget() {
      handshakes = [];
      latestAt = -Infinity;
      renewedAt = -Infinity;
    },
  };
}

const isVague = ({ atLeastMs, atMostMs }: Handshake): boolean => atMostMs - atLeastMs > mostDoubtMs;

type Path = ReturnType<typeof createPathTime>;

let paths: Map<string, Path> | undefined;

/**
 * The path to the server of a URL, or `undefined` where connections can't be watched. Begins to watch
 * when it is first asked for.
 */
export function pathTimeOf(url: URL): PathTime | undefined {
  const load = (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule;
  const channels = load?.('node:diagnostics_channel');
  if (typeof channels?.subscribe !== 'function') return undefined;
  if (paths === undefined) {
    paths = new Map();
    watchConnections(channels, paths);
  }
  const known = paths.get(url.origin) ?? createPathTime();
  paths.set(url.origin, known);
  return known;
}

interface ConnectMessage {
  readonly connectParams?: { readonly protocol?: unknown; readonly host?: unknown };
}

interface ClientSocket {
  on(event: string, listener: () => void): unknown;
}

function watchConnections(channels: typeof DiagnosticsChannel, known: Map<string, Path>): void {
  // The address that undici is about to connect to, in this very moment.
  let connecting: Path | undefined;
  channels.subscribe('undici:client:beforeConnect', (message) => {
    const { protocol, host } = (message as ConnectMessage).connectParams ?? {};
    connecting = known.get(originOf(protocol, host));
    if (connecting !== undefined) queueMicrotask(() => (connecting = undefined));
  });
  channels.subscribe('net.client.socket', (message) => {
    const path = connecting;
    connecting = undefined;
    if (path !== undefined) measure((message as { socket: ClientSocket }).socket, path);
  });
}

function originOf(protocol: unknown, host: unknown): string {
  try {
    return new URL(`${String(protocol)}//${String(host)}`).origin;
  } catch {
    return '';
  }
}

/** Measures the handshake of a socket. Several addresses may be tried: the last attempt counts. */
function measure(socket: ClientSocket, path: Path): void {
  let startedAt: number | undefined;
  let lastTurn = 0;
  let turnBefore = 0;
  let ticks: NodeJS.Timeout | undefined;
  const stop = () => clearInterval(ticks);
  socket.on('connectionAttempt', () => {
    stop();
    startedAt = performance.now();
    lastTurn = startedAt;
    turnBefore = startedAt;
    ticks = setInterval(() => {
      turnBefore = lastTurn;
      lastTurn = performance.now();
    }, tickMs);
    ticks.unref();
  });
  socket.on('connect', () => {
    stop();
    if (startedAt === undefined) return;
    const at = performance.now();
    const atMostMs = at - startedAt;
    path.note({ at, atLeastMs: turnBefore - startedAt, atMostMs });
  });
  socket.on('close', stop);
}

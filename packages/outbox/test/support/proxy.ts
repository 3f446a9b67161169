import net from 'node:net';

/** A network between a service and its database, which can stand still, be slow, or be cut. */
export interface Proxy {
  readonly port: number;
  /** Lets nothing through, and loses nothing: it comes late. */
  freeze(): void;
  thaw(): void;
  cutAll(): void;
  /** Each connection is late by up to that many milliseconds from now on. */
  jitter(ms: number): void;
  /** The next answer on a connection whose question fits is lost with that connection. */
  loseAnswerTo(fits: (question: string) => boolean, isMeant: (answer: string) => boolean): void;
  /** Whether that answer was lost. */
  hasLost(): boolean;
  stop(): void;
}

interface Pair {
  readonly client: net.Socket;
  readonly server: net.Socket;
  isWatched: boolean;
  readonly lateness: number;
}

export async function startProxy(to: {
  readonly host: string;
  readonly port: number;
}): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let isFrozen = false;
  let held: (() => void)[] = [];
  let jitterMs = 0;
  let watch: { fits(question: string): boolean; isMeant(answer: string): boolean } | undefined;
  let hasLost = false;

  function pass(target: net.Socket, data: Buffer, pair: Pair): void {
    const write = () => void (target.destroyed || target.write(data));
    const go = () => (isFrozen ? void held.push(write) : write());
    const lateMs = pair.lateness * jitterMs;
    if (lateMs > 0) setTimeout(go, lateMs);
    else go();
  }

  function end({ client, server }: Pair): void {
    client.destroy();
    server.destroy();
  }

  const listener = net.createServer((client) => {
    const server = net.connect(to);
    const pair: Pair = { client, server, isWatched: false, lateness: Math.random() };
    pairs.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay();
      socket.on('error', () => end(pair));
      socket.on('close', () => {
        pairs.delete(pair);
        end(pair);
      });
    }
    client.on('data', (data: Buffer) => {
      if (watch?.fits(data.toString('latin1')) === true) pair.isWatched = true;
      pass(server, data, pair);
    });
    server.on('data', (data: Buffer) => {
      const isLost = pair.isWatched && watch?.isMeant(data.toString('latin1')) === true;
      if (!isLost) return pass(client, data, pair);
      watch = undefined;
      hasLost = true;
      end(pair);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as net.AddressInfo).port,
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      for (const write of held.splice(0)) write();
    },
    cutAll() {
      held = [];
      for (const pair of pairs) end(pair);
    },
    jitter(ms) {
      jitterMs = ms;
    },
    loseAnswerTo(fits, isMeant) {
      watch = { fits, isMeant };
    },
    hasLost: () => hasLost,
    stop() {
      for (const pair of pairs) end(pair);
      listener.close();
    },
  };
}

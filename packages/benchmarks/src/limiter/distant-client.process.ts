import { Socket } from 'node:net';
import { createRateLimiter, createSeriesClient } from '@ticket-lifecycle/series';
import { answerAsChild } from '../child.ts';

/** A backlog under the policy `measured`, to a server that is far away. */
export interface DistantQuestion {
  readonly port: number;
  readonly tripMs: number;
  readonly requests: number;
  /** From now on the handshake takes so long. */
  readonly changed?: { readonly afterMs: number; readonly tripMs: number } | undefined;
}

export interface DistantAnswer {
  /** Each policy that it went to, in order. */
  readonly policies: readonly string[];
  readonly pathFloorMs: number;
}

// The proxy delays what is sent, but the kernel of this machine shakes hands at once. So the moment in
// which Node.js hears of the handshake is delayed here, by as much as a packet there and one back.
const handshakes = new Map<number, number>();
// oxlint-disable-next-line typescript/unbound-method -- called with its socket below
const { emit } = Socket.prototype;
Socket.prototype.emit = function (this: Socket, name: string | symbol, ...rest: unknown[]) {
  const delayMs = this.remotePort === undefined ? undefined : handshakes.get(this.remotePort);
  if (name !== 'connect' || delayMs === undefined)
    return Reflect.apply(emit, this, [name, ...rest]);
  setTimeout(() => Reflect.apply(emit, this, [name, ...rest]), delayMs);
  return true;
} as typeof emit;

answerAsChild(async ({ port, tripMs, requests, changed }: DistantQuestion) => {
  handshakes.set(port, tripMs);
  if (changed !== undefined) {
    setTimeout(() => handshakes.set(port, changed.tripMs), changed.afterMs);
  }
  const rateLimiter = createRateLimiter({ policy: 'measured' });
  const policies: string[] = [];
  rateLimiter.on((event) => {
    if (event.type !== 'paused') policies.push(event.to.policy);
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const client = createSeriesClient({ apiKey: 'key', baseUrl, rateLimiter, maxWaitMs: 600_000 });
  const { keyId } = client;
  await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      client.changeStatus({ ticketId: `T-${index}`, status: 'in-progress', staffUserId: 7 }),
    ),
  );
  const { pathFloorMs = 0 } = rateLimiter.describe(keyId);
  return { policies, pathFloorMs } satisfies DistantAnswer;
});

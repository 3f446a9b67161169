import { windowMs } from '../limiter/slots.ts';
import { isLocal, type RateLimiter } from '../limiter/rate-limiter.ts';
import type { ApiKey } from './api-key.ts';
import type { ServerClock } from './server-clock.ts';

/** Who sends with a key: a limiter, and the name by which it knows the key. */
interface Sender {
  readonly rateLimiter: RateLimiter;
  readonly keyId: string;
  /** Names the server: all clients that meet it have the same. */
  readonly serverClock: ServerClock;
}

/** Who sent last with a key. The limiter may go meanwhile. */
interface LastUse {
  readonly limiter: WeakRef<RateLimiter>;
  readonly keyId: string;
  readonly at: number;
}

const code = 'TICKET_LIFECYCLE_TWO_LIMITERS';
const advice =
  'Two rate limiters send with one API key, so together they may send more than the limit allows. ' +
  'Give all clients of the key the same "rateLimiter" and "keyId".';
// What one limiter sent sooner than this the server may still count when the other sends.
const overlapMs = 2 * windowMs;
const mostKeys = 1000;

const uses = new WeakMap<ServerClock, Map<string, LastUse>>();
const digests = new WeakMap<ApiKey, string>();
let digest: ((key: string) => string) | undefined | 'not asked' = 'not asked';
let hasWarned = false;

/**
 * Warns once in a process if two limiters serve one key of one server at the same time. The key is
 * neither printed nor kept: keys are compared by a digest that means nothing in another process. A
 * limiter on a shared store may appear as many objects, so only limiters of this process count.
 */
export function warnOfTwoLimiters(
  { rateLimiter, keyId, serverClock }: Sender,
  key: ApiKey,
  now: number,
): void {
  if (hasWarned || !isLocal(rateLimiter)) return;
  const name = digestOf(key);
  if (name === undefined) return;
  const ofServer = uses.get(serverClock) ?? new Map<string, LastUse>();
  uses.set(serverClock, ofServer);
  const last = ofServer.get(name);
  const isOther = last !== undefined && !isSame(last, rateLimiter, keyId);
  if (isOther && now - last.at < overlapMs) {
    hasWarned = true;
    process.emitWarning(advice, { code });
  }
  if (ofServer.size >= mostKeys) ofServer.clear();
  const limiter = isOther || last === undefined ? new WeakRef(rateLimiter) : last.limiter;
  ofServer.set(name, { limiter, keyId, at: now });
}

const isSame = (last: LastUse, rateLimiter: RateLimiter, keyId: string): boolean =>
  last.limiter.deref() === rateLimiter && last.keyId === keyId;

function digestOf(key: ApiKey): string | undefined {
  const known = digests.get(key);
  if (known !== undefined) return known;
  if (digest === 'not asked') digest = createDigest();
  const made = digest?.(key.reveal());
  if (made !== undefined) digests.set(key, made);
  return made;
}

/** Loaded at run time, so that bundlers for browsers don't see it. */
function createDigest(): ((key: string) => string) | undefined {
  const { process: host } = globalThis as { process?: Partial<NodeJS.Process> };
  if (typeof host?.emitWarning !== 'function') return undefined;
  const crypto = host.getBuiltinModule?.('node:crypto');
  const salt = crypto?.randomBytes(32);
  if (crypto === undefined || salt === undefined) return undefined;
  return (key) => crypto.createHmac('sha256', salt).update(key).digest('base64');
}

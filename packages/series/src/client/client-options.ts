import { isLoopback } from '@ticket-lifecycle/internal/loopback';
import {
  aFunction,
  anything,
  checkOptions,
  hasMethod,
  milliseconds,
  oneOf,
  optionFault,
  type OptionCheck,
} from '@ticket-lifecycle/internal/option-checks';
import {
  limiterChecks,
  type RateLimiter,
  type RateLimiterOptions,
} from '../limiter/rate-limiter.ts';
import type { ClientLogger } from './log-events.ts';
import type { AttemptHooks } from '../request/call-options.ts';
import type { AppInfo } from '../request/runtime.ts';
import { type ApiKeySource, describeInvalidKey, KeyRing } from '../request/api-key.ts';

/** Settings of a client. Those of a limiter are for the client's own one, and refused beside another. */
export interface SeriesClientOptions extends RateLimiterOptions {
  /**
   * The key of one Series workspace. It is sent in one header and shown nowhere. A function is
   * called before each request, so a key can be replaced while the client is in use.
   */
  readonly apiKey: ApiKeySource;
  /**
   * The URL of the API. Plain HTTP is accepted for the own machine only.
   *
   * @defaultValue `https://api.series.hr`
   */
  readonly baseUrl?: string | URL | undefined;
  /**
   * The header that carries the key; the API takes both.
   *
   * @defaultValue 'apikey'
   */
  readonly authHeader?: 'apikey' | 'x-api-key' | undefined;
  /** @defaultValue the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * The budget of the key. Clients of the same key have to share one.
   *
   * @defaultValue a limiter of this client's own
   */
  readonly rateLimiter?: RateLimiter | undefined;
  /**
   * Names the key, for a limiter or a store that several clients share.
   *
   * @defaultValue 'default'
   */
  readonly keyId?: string | undefined;
  /**
   * How long one attempt may take, from sending to the end of the answer. While the
   * process is stopped or its event loop stalls, at most a quarter of this passes.
   *
   * @defaultValue 10_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How long a call may go on before its last attempt is sent: queue, pauses and retries together.
   *
   * @defaultValue 60_000
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * How long to go on trying, within `maxWaitMs`, when there is no connection and so surely
   * nothing was processed.
   *
   * @defaultValue 3_000
   */
  readonly retryForMs?: number | undefined;
  /** The program that uses the client. It is added to the user agent. */
  readonly appInfo?: AppInfo | undefined;
  /**
   * How the client calls itself to the server.
   *
   * @defaultValue name and version of this package
   */
  readonly userAgent?: string | undefined;
  /**
   * Is told what the client does: each step of a request as `debug`; 429s, retries, doubts and each
   * event of the limiter as `warn`. `console` fits. The key is never among it.
   */
  readonly logger?: ClientLogger | undefined;
  /** Awaited before each attempt, when its slot has come. If it throws, nothing is sent. */
  readonly beforeAttempt?: AttemptHooks['beforeAttempt'];
  /** Called after each attempt with what came back. What it throws or rejects with is ignored. */
  readonly afterAttempt?: AttemptHooks['afterAttempt'];
  /**
   * Spreads retries. Pass your own function to repeat a run exactly.
   *
   * @defaultValue Math.random
   */
  readonly random?: (() => number) | undefined;
}

const owner = 'createSeriesClient';

const visible = 'a text of visible ASCII characters';
const isPrintable = (value: unknown) => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);

const anAppInfo: OptionCheck = (value) => {
  const { name, version = '-', url = '-' } = Object(value) as Partial<AppInfo>;
  return [name, version, url].every(isPrintable)
    ? undefined
    : `{ name, version, url }, each ${visible}`;
};

/** Checks a client's options, once, where they are given. */
export function checkClientOptions(options: SeriesClientOptions): { keys: KeyRing; baseUrl: URL } {
  checkOptions(owner, options, {
    apiKey: anything,
    baseUrl: anything,
    authHeader: oneOf('apikey', 'x-api-key'),
    fetch: aFunction,
    ...limiterChecks,
    timeoutMs: milliseconds,
    maxWaitMs: milliseconds,
    retryForMs: milliseconds,
    keyId: (value) => (typeof value === 'string' && value !== '' ? undefined : 'a name'),
    rateLimiter: hasMethod('acquire', 'a RateLimiter, as createRateLimiter makes it'),
    random: aFunction,
    appInfo: anAppInfo,
    userAgent: (value) => (isPrintable(value) ? undefined : visible),
    logger: hasMethod('debug', 'an object with the methods debug and warn'),
    beforeAttempt: aFunction,
    afterAttempt: aFunction,
  });
  const ofLimiter = (['requestsPerSecond', 'policy', 'stepUpAfterMs', 'maxQueue'] as const).find(
    (name) => options.rateLimiter !== undefined && options[name] !== undefined,
  );
  if (ofLimiter !== undefined) {
    const expected = 'left out beside "rateLimiter": give it to the limiter';
    throw new TypeError(optionFault(owner, ofLimiter, expected, String(options[ofLimiter])));
  }
  return { keys: checkKey(options.apiKey), baseUrl: checkBaseUrl(options.baseUrl) };
}

function checkKey(key: unknown): KeyRing {
  if (typeof key === 'function') return new KeyRing(key as () => string);
  const invalid = describeInvalidKey(key);
  if (invalid === undefined) return new KeyRing(String(key));
  const expected = 'a non-empty string of visible ASCII characters, or a function that gives one';
  throw new TypeError(optionFault(owner, 'apiKey', expected, invalid));
}

function checkBaseUrl(given: unknown = 'https://api.series.hr'): URL {
  const invalid = (expected: string, received: string) =>
    new TypeError(optionFault(owner, 'baseUrl', expected, received));
  if (!(given instanceof URL) && !(typeof given === 'string' && URL.canParse(given))) {
    throw invalid('a URL such as "https://api.series.hr"', shownUrl(given));
  }
  const url = new URL(given);
  // What stands before the colon is a host here, and no protocol.
  if (typeof given === 'string' && !given.includes('://')) {
    throw invalid('a URL such as "https://api.series.hr"', shownUrl(given));
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    const expected = 'an https URL (plain HTTP would show the key to the network)';
    throw invalid(expected, `"${url.protocol}//${url.host}"`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('a URL without user name and password', 'one with them');
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalid('a URL without query and fragment', 'one with them');
  }
  // Without the slash, resolving a path against it would replace the last part.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** What was given for a URL, unless it may hold a password or a key. */
function shownUrl(given: unknown): string {
  if (typeof given !== 'string') return given === null ? 'null' : `a value of type ${typeof given}`;
  if (given === '') return 'an empty text';
  const isHarmless = given.length <= 80 && /^[\w.:/ -]*$/.test(given);
  if (!isHarmless) return 'a text that is not a URL';
  // A sandbox on this machine speaks HTTP.
  const scheme = /^(localhost|127\.)/i.test(given) ? 'http' : 'https';
  const better = `${scheme}://${given}`;
  const hint = URL.canParse(better) && /^[a-z\d][\w.-]*(:\d+)?(\/|$)/i.test(given);
  return hint ? `"${given}". Did you mean "${better}"?` : `"${given}"`;
}

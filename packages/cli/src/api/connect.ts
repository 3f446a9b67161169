import { createSeriesClient, type AttemptEnded, type SeriesClient } from '@ticket-lifecycle/series';
import { CliError } from '../cli-error.ts';
import {
  findApiKey,
  isLocal,
  sandboxKey,
  seriesUrl,
  type Destination,
  type Places,
} from './api-key.ts';
import { rateOf, type RateOptions } from './rate.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Where and how fast to send. */
export interface ConnectOptions extends Destination, RateOptions {
  /** How long one request may take, in milliseconds. */
  readonly timeout?: number | undefined;
  /** How long a change may wait. */
  readonly maxWaitMs?: number | undefined;
  /** Whether to say of each request what came back. */
  readonly verbose?: true | undefined;
}

/** Whether changes reach real people: anything but a sandbox on this machine. */
export const isLive = ({ baseUrl = seriesUrl }: Destination): boolean => !isLocal(baseUrl);

/** Makes a client with the key that was found, which is said nowhere from here on. */
export async function connect(
  options: ConnectOptions,
  { messages, secrets }: Pick<Terminal, 'messages' | 'secrets'>,
): Promise<SeriesClient> {
  // Mistakes in the other options have nothing to do with the key.
  clientOf(sandboxKey, options);
  const apiKey = await findApiKey(options);
  if (apiKey !== sandboxKey) secrets.add(apiKey);
  return clientOf(apiKey, options, options.verbose && ((text) => messages.show(text)));
}

function clientOf(
  apiKey: string,
  options: ConnectOptions,
  say?: (text: string) => void,
): SeriesClient {
  const { baseUrl, timeout } = options;
  try {
    return createSeriesClient({
      apiKey,
      baseUrl,
      requestsPerSecond: rateOf(options),
      timeoutMs: timeout,
      maxWaitMs: options.maxWaitMs,
      afterAttempt: say && ((attempt) => say(attemptText(attempt))),
    });
  } catch (error) {
    // What the client finds wrong with its options is wrong with ours. It never shows the key.
    throw error instanceof TypeError ? new CliError(asUsage(error.message, options.places)) : error;
  }
}

const asUsage = (message: string, places: Places = {}) =>
  message
    .replace('createSeriesClient: option "apiKey"', 'The API key')
    .replace(', or a function that gives one', '')
    .replace('createSeriesClient: option "baseUrl"', places['baseUrl'] ?? '--base-url')
    .replace('createSeriesClient: option "timeoutMs"', '--timeout');

/** Neither headers nor bodies: only what may stand in a log. */
function attemptText({ method, url, response, reason, durationMs }: AttemptEnded): string {
  const { pathname, search } = new URL(url);
  const answer = response?.httpStatus ?? `no answer${reason === undefined ? '' : ` (${reason})`}`;
  return `${method} ${pathname}${search}  ${answer}  ${Math.round(durationMs)} ms`;
}

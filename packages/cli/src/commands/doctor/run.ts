import { SeriesError, type SeriesClient } from '@ticket-lifecycle/series';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { findApiKey, sandboxKey, seriesUrl } from '../../api/api-key.ts';
import { connect, type ConnectOptions } from '../../api/connect.ts';
import { exitCodes } from '../../exit-code.ts';
import { readFailureCode } from '../../api/read-failure-code.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable } from '../../terminal/text.ts';

interface DoctorOptions extends ConnectOptions {
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** What was found of one thing that is needed. */
interface Check {
  readonly name: 'node' | 'lifecycle' | 'key' | 'api' | 'clock';
  readonly ok: boolean;
  readonly message: string;
  /** What a check that failed ends the command with. */
  readonly exitCode: number;
}

/** Checks one thing after another, and says what to do about what is missing. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  let worst: number = exitCodes.ok;
  for await (const check of checks(options, terminal)) {
    const { exitCode, ...shown } = check;
    if (!check.ok && worst === exitCodes.ok) worst = exitCode;
    if (options.json === true)
      await terminal.output.printJson({ type: 'check', schema: jsonVersion, ...shown });
    else await terminal.output.print(checkText(check, terminal.style));
  }
  return worst;
}

/**
 * Checks what can be checked; what depends on something that failed is left out.
 *
 * @yields each check when it is done
 */
async function* checks(options: DoctorOptions, terminal: Terminal): AsyncGenerator<Check> {
  // An older one does not get as far as this.
  yield passed('node', `Node.js ${process.versions.node}`);
  yield await lifecycleCheck(options.definition, terminal);
  const client = await connect({ ...options, maxWaitMs: 15_000 }, terminal).catch(asCheck);
  if ('ok' in client) return yield client;
  const isNeeded = (await findApiKey(options)) !== sandboxKey;
  const found = isNeeded ? 'a key is there, and looks like one' : 'none is needed on this machine';
  yield passed('key', found);
  const api = await apiCheck(client, options);
  yield api;
  if (api.ok) yield await clockCheck(options);
}

const passed = (name: Check['name'], message: string): Check => {
  return { name, ok: true, message, exitCode: exitCodes.ok };
};

const failed = (name: Check['name'], message: string, exitCode: number): Check => {
  return { name, ok: false, message, exitCode };
};

function asCheck(error: unknown): Check {
  if (!(error instanceof CliError)) throw error;
  return failed('key', error.message, error.exitCode);
}

async function lifecycleCheck(given: string | undefined, terminal: Terminal): Promise<Check> {
  try {
    const { lifecycle, file = 'the default' } = await loadLifecycle(given, terminal);
    const { states, events, fingerprint } = lifecycle;
    return passed(
      'lifecycle',
      `${file}: ${states.length} states, ${events.length} events (${fingerprint})`,
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return failed('lifecycle', error.message, error.exitCode);
  }
}

// Nobody's ticket. That it is not found is the answer of an API that takes the key.
const noTicket = 'TICKET-0-DOCTOR';

async function apiCheck(
  client: SeriesClient,
  { baseUrl = seriesUrl }: DoctorOptions,
): Promise<Check> {
  const sentAt = Date.now();
  try {
    await client.getTicket(noTicket);
  } catch (error) {
    if (!SeriesError.is(error)) throw error;
    const { code } = error as { code?: unknown };
    if (code !== 'ticket-not-found') {
      return failed('api', `${baseUrl} ${faultOf(error)}`, readFailureCode(error));
    }
  }
  return passed('api', `${baseUrl} takes the key, and answers in ${Date.now() - sentAt} ms`);
}

/** What a read that failed says of the API. */
function faultOf(error: SeriesError): string {
  const { code, serverMessage } = error as { code?: unknown; serverMessage?: string };
  const said = serverMessage === undefined ? '' : ` It says: ${printable(serverMessage)}.`;
  switch (readFailureCode(error)) {
    case exitCodes.auth:
      return `does not take the key (${String(code)}).${said}`;
    case exitCodes.refused:
      return `does not answer as the API does (${String(code)}).${said} Check --base-url.`;
    default:
      return `is not reached: ${printable(error.message)}`;
  }
}

const mostSkewMs = 60_000;

async function clockCheck({ baseUrl = seriesUrl }: DoctorOptions): Promise<Check> {
  // Without the key: all that is wanted is the date of the answer.
  const signal = AbortSignal.timeout(10_000);
  const server = await fetch(baseUrl, { method: 'HEAD', redirect: 'manual', signal })
    .then(({ headers }) => Date.parse(headers.get('date') ?? ''))
    .catch(() => Number.NaN);
  if (Number.isNaN(server)) return passed('clock', 'the server does not say what time it has');
  const skewMs = Math.abs(server - Date.now());
  const seconds = Math.round(skewMs / 1000);
  return skewMs <= mostSkewMs
    ? passed('clock', `within ${seconds + 1} s of the server's`)
    : failed(
        'clock',
        `${seconds} s off the server's: set this machine's clock.`,
        exitCodes.unexpected,
      );
}

function checkText({ name, ok, message }: Check, style: Terminal['style']): string {
  const mark = ok ? style('green', 'ok     ') : style('red', 'FAILED ');
  return `${mark}${name.padEnd(10)} ${message
    .split('\n')
    .map(printable)
    .join(`\n${' '.repeat(18)}`)}`;
}

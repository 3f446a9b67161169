import { invalidOption } from './error.ts';
import type { SandboxOptions } from './options.ts';
import { createSandbox, engineOf, type Sandbox } from './sandbox.ts';

/**
 * Options of {@link startSandbox}: where to listen, and either the options of a new sandbox or a
 * sandbox you have.
 */
export interface StartSandboxOptions extends SandboxOptions {
  /** 0 takes any free port. @defaultValue 0 */
  readonly port?: number | undefined;
  /** Must be a loopback address: a sandbox is not for other machines. @defaultValue '127.0.0.1' */
  readonly host?: string | undefined;
  /**
   * How long connections are refused for each `connection-refused` that is scheduled by
   * `faults.next`. @defaultValue 250
   */
  readonly outageMs?: number | undefined;
  /** Serves this sandbox, instead of a new one. */
  readonly sandbox?: Sandbox | undefined;
}

/** A sandbox that listens. */
export interface RunningSandbox {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly sandbox: Sandbox;
  /** Ends every connection, open requests included, and resolves when all is closed. */
  readonly close: () => Promise<void>;
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost'];

/**
 * Serves a sandbox over real HTTP on this machine; for Node.js only. `GET /sandbox/record`
 * answers {@link Sandbox.record} as JSON, needs no key and does not count.
 *
 * Throws a `SandboxError` for a host that is not loopback, and for a port that is taken.
 *
 * @example
 * ```ts
 * import { startSandbox } from '@ticket-lifecycle/sandbox';
 *
 * const { url, close } = await startSandbox({ tickets: [{ ticketId: 'TICKET-1' }] });
 * const response = await fetch(`${url}/tickets/get/TICKET-1`, { headers: { apikey: 'any' } });
 * console.log(response.status); // 200
 * await close();
 * ```
 */
export async function startSandbox(options: StartSandboxOptions = {}): Promise<RunningSandbox> {
  const { port: wanted = 0, host = '127.0.0.1', outageMs = 250, sandbox: given, ...rest } = options;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw invalid('port', 'an integer from 0 to 65535', wanted);
  }
  if (!loopbackHosts.includes(host)) {
    throw invalid('host', `one of ${loopbackHosts.join(', ')}`, host);
  }
  if (!Number.isInteger(outageMs) || outageMs < 1) {
    throw invalid('outageMs', 'an integer of at least 1', outageMs);
  }
  if (given !== undefined && Object.keys(rest).length > 0) {
    throw invalid('sandbox', 'given without options for a new one', Object.keys(rest));
  }
  const sandbox = given ?? createSandbox(rest);
  const engine = engineOf(sandbox);
  if (engine === undefined) throw invalid('sandbox', 'made by createSandbox', sandbox);

  // Loaded on demand, so that a page which only creates a sandbox needs nothing of Node.js.
  const { startHttpServer } = await import('./http/http-server.ts');
  const { port, close } = await startHttpServer(engine, { host, port: wanted, outageMs });
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { url: `http://${authority}`, port, sandbox, close };
}

const invalid = (name: string, expected: string, received: unknown) =>
  invalidOption(`startSandbox: option "${name}"`, expected, received);

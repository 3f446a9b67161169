import packageJson from '../../package.json' with { type: 'json' };

interface Globals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: unknown;
  readonly document?: unknown;
  readonly WorkerGlobalScope?: unknown;
}

/**
 * The runtime, if its own `fetch` is known to send a POST a second time by itself: Deno and browsers
 * do that when a connection that was used before closes without an answer. A change would then be
 * made twice, and no evidence would tell.
 */
export function repeatingRuntime(globals: object = globalThis): string | undefined {
  const { process, Deno, document, WorkerGlobalScope } = globals as Globals;
  if (Deno !== undefined) return 'Deno';
  // A DOM is simulated in Node.js, too. Bun says that it is Node.js, and sends each request once.
  if (process?.versions?.['node'] !== undefined) return undefined;
  if (document !== undefined) return 'a browser';
  return WorkerGlobalScope === undefined ? undefined : 'a web worker';
}

/** Names this package to the server. Browsers name themselves, and let nobody else do it. */
export function userAgent(globals: object = globalThis): { 'user-agent'?: string } {
  const { document } = globals as Globals;
  return document === undefined
    ? { 'user-agent': `ticket-lifecycle-series/${packageJson.version}` }
    : {};
}

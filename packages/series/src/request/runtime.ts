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

/** The program that uses the client, for the vendor's support. */
export interface AppInfo {
  readonly name: string;
  readonly version?: string | undefined;
  readonly url?: string | undefined;
}

/** Names this package to the server. Browsers name themselves, and let nobody else do it. */
export function userAgent(
  globals: object = globalThis,
  {
    userAgent: given,
    appInfo,
  }: { userAgent?: string | undefined; appInfo?: AppInfo | undefined } = {},
): { 'user-agent'?: string } {
  const { document } = globals as Globals;
  if (document !== undefined) return {};
  return { 'user-agent': [given ?? ownName, nameOf(appInfo)].filter(Boolean).join(' ') };
}

const ownName = `ticket-lifecycle-series/${packageJson.version}`;

function nameOf(app: AppInfo | undefined): string {
  if (app === undefined) return '';
  const name = app.version === undefined ? app.name : `${app.name}/${app.version}`;
  return app.url === undefined ? name : `${name} (${app.url})`;
}

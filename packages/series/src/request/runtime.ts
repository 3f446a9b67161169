import packageJson from '../../package.json' with { type: 'json' };

interface Globals {
  readonly process?: {
    readonly versions?: Readonly<Record<string, string | undefined>>;
    /** Electron says what a process of it is. */
    readonly type?: unknown;
  };
  readonly navigator?: { readonly product?: unknown };
  readonly Deno?: unknown;
  readonly document?: unknown;
  readonly WorkerGlobalScope?: unknown;
}

/**
 * The runtime, if its own `fetch` is known to send a POST a second time by itself: Deno and browsers
 * do that when a connection that was used before closes without an answer, and so may the HTTP client
 * of a phone. A change would then be made twice, and no evidence would tell.
 */
export function repeatingRuntime(globals: object = globalThis): string | undefined {
  const { process, navigator, Deno, document, WorkerGlobalScope } = globals as Globals;
  if (Deno !== undefined) return 'Deno';
  if (navigator?.product === 'ReactNative') return 'React Native';
  // A page with the modules of Node.js has the fetch of its browser all the same.
  if (process?.type === 'renderer' || process?.type === 'worker') return 'an Electron page';
  if (process?.versions?.['nw'] !== undefined && document !== undefined) return 'an NW.js page';
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

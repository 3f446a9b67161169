interface Globals {
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: unknown;
  readonly document?: unknown;
}

/**
 * The runtime, if its own `fetch` is known to send a POST a second time by itself: Deno and browsers
 * do that when a connection that was used before closes without an answer. A change would then be
 * made twice, and no evidence would tell.
 */
export function repeatingRuntime(globals: object = globalThis): string | undefined {
  const { process, Deno, document } = globals as Globals;
  if (Deno !== undefined) return 'Deno';
  const isNode = process?.versions?.['node'] !== undefined;
  return document !== undefined && !isNode ? 'a browser' : undefined;
}

/** What somebody else's code has thrown, in words. It may have thrown anything. */
export function wordsOf(thrown: unknown): string {
  try {
    const { message } = Object(thrown) as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? message : String(thrown);
  } catch {
    return `a value of type ${typeof thrown} that can't be shown`;
  }
}

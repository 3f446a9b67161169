/**
 * The part of an address behind the #, so that it can be decoded. A % that begins no letter becomes a
 * sign of its own.
 */
export function decodable(hash: string): string {
  try {
    // A bundler takes away a call whose result is not used.
    return decodeURIComponent(hash) && hash;
  } catch {
    return hash.replaceAll('%', '%25');
  }
}

/** Mends the address of this tab, now and whenever it changes: VitePress stops at what it can't decode. */
export function mendAddress(): void {
  const mend = (): void => {
    const { hash } = location;
    const mended = decodable(hash);
    if (mended !== hash) history.replaceState(history.state, '', mended);
  };
  mend();
  // Before VitePress, which listens as well.
  for (const change of ['hashchange', 'popstate'])
    addEventListener(change, mend, { capture: true });
}

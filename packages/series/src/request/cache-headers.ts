/**
 * Whether a cache answered in the API's place: what it says may be older than what we did. Several
 * caches in a row may each have written an age. One that writes none may say so in a header of its
 * own: `X-Cache: HIT`, `Cache-Status: edge; hit`.
 */
export function isCached(headers: Headers): boolean {
  const age = headers.get('age');
  if (age !== null && !age.split(',').every((part) => /^\s*0+\s*$/.test(part))) return true;
  // "Response is stale", and "Revalidation failed".
  if (/(?:^|,)\s*11[01]\b/.test(headers.get('warning') ?? '')) return true;
  // Varnish names the request that has filled the cache beside this one.
  if (/^\s*\d+\s+\d+/.test(headers.get('x-varnish') ?? '')) return true;
  return [...headers].some(([name, value]) => {
    if (name === 'server-timing') return /\bcache\b[^,]*\bdesc="?hit\b/i.test(value);
    // What a cache may do with an answer, and not what it has done.
    if (!name.includes('cache') || name.endsWith('control')) return false;
    return name.endsWith('hits') ? /[1-9]/.test(value) : cacheHit.test(value);
  });
}

const cacheHit = /(?:^|[\s_;,])(?:hit|stale|updating)\b/i;

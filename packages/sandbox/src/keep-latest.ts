/**
 * Drops the oldest of a list that has grown beyond `most`. It drops an eighth at once: shifting a
 * long list one by one would move all of it each time.
 */
export function keepLatest(list: unknown[], most: number): void {
  if (list.length <= most) return;
  list.splice(0, list.length - most + Math.floor(most / 8));
}

/** Drops the entries of a map that were added first, beyond `most`. */
export function keepLatestEntries(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

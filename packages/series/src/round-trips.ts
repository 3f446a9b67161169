/** What the answers tell of the network between us and the server. */
export interface RoundTrips {
  /** The last round trip. */
  readonly latestMs: number | undefined;
  /** How much the round trips of late have differed: the most that two requests can draw near. */
  readonly jitterMs: number;
  add(tripMs: number): void;
}

// Long enough to meet the slow ones, short enough to forget a bad hour.
const remembered = 64;

export function createRoundTrips(): RoundTrips {
  let latestMs: number | undefined;
  // Two half-filled windows in place of a sorted one: nothing is kept for each trip.
  let recent = { count: 0, least: Infinity, most: -Infinity };
  let before = recent;
  return {
    get latestMs() {
      return latestMs;
    },
    get jitterMs() {
      return Math.max(0, Math.max(recent.most, before.most) - Math.min(recent.least, before.least));
    },
    add(tripMs) {
      latestMs = tripMs;
      if (recent.count === remembered) {
        before = recent;
        recent = { count: 0, least: Infinity, most: -Infinity };
      }
      recent.count += 1;
      recent.least = Math.min(recent.least, tripMs);
      recent.most = Math.max(recent.most, tripMs);
    },
  };
}

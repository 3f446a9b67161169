/** How long round trips to the server take, and how much they vary. */
export interface RoundTrips {
  /** A running average; 0 before the first round trip. */
  readonly typicalMs: number;
  /** The longest recent one. */
  readonly longestMs: number;
  /**
   * Spread (max − min) of recent round trips: how much closer two requests can get on the way to
   * the server.
   */
  readonly jitterMs: number;
  add(tripMs: number): void;
}

// Enough to include slow ones, few enough to forget a bad minute.
const remembered = 20;
// As in TCP: a new round trip moves the average by an eighth of the difference.
const gain = 1 / 8;

export function createRoundTrips(): RoundTrips {
  let typicalMs: number | undefined;
  // The extremes of two windows in a row, so that nothing is stored per trip.
  let recent = { count: 0, least: Infinity, most: -Infinity };
  let before = recent;
  return {
    get typicalMs() {
      return typicalMs ?? 0;
    },
    get longestMs() {
      return Math.max(0, recent.most, before.most);
    },
    get jitterMs() {
      return Math.max(0, this.longestMs - Math.min(recent.least, before.least));
    },
    add(tripMs) {
      typicalMs = typicalMs === undefined ? tripMs : typicalMs + gain * (tripMs - typicalMs);
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

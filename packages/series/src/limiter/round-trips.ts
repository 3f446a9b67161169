/** What the answers tell of the network between us and the server. */
export interface RoundTrips {
  /** What a round trip takes these days; 0 before the first. */
  readonly typicalMs: number;
  /** The longest of late. */
  readonly longestMs: number;
  /** How much the round trips of late have differed: the most that two requests can draw near. */
  readonly jitterMs: number;
  add(tripMs: number): void;
}

// Long enough to meet the slow ones, short enough to forget a bad minute.
const remembered = 20;
// As TCP does it: the typical trip moves by an eighth of what a new one differs.
const gain = 1 / 8;

export function createRoundTrips(): RoundTrips {
  let typicalMs: number | undefined;
  // Two half-filled windows in place of a sorted one: nothing is kept for each trip.
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

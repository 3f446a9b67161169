/** Finds the most events in any second `(t − 1000, t]`; exact, for times that never fall. */
export function createPeak() {
  let times: number[] = [];
  let first = 0;
  let most = 0;

  return {
    get most() {
      return most;
    },
    /** How many events lie in the second that ends with the last one. */
    get current() {
      return times.length - first;
    },
    add(at: number): void {
      times.push(at);
      while ((times[first] ?? at) <= at - 1000) first += 1;
      most = Math.max(most, times.length - first);
      if (first > times.length / 2) {
        times = times.slice(first);
        first = 0;
      }
    },
  };
}

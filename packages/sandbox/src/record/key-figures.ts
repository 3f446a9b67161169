import { createPeak } from './peak.ts';

/** The figures of one API key. */
export interface KeyFigures {
  readonly requests: number;
  /** Requests that took a place in the limit, whatever their answer was. */
  readonly admitted: number;
  /** The most admitted requests in any one second `(t − 1000, t]`, by the time of counting. */
  readonly mostAdmittedInOneSecond: number;
  /** The most requests in any one second, refused ones included, by the time of arrival. */
  readonly mostArrivedInOneSecond: number;
  /**
   * The share of the budget that was used once the first burst was over: admitted requests in
   * `(first + 1 s, last]`, divided by `requestsPerSecond` × the length of that span, where first
   * and last are the first and the last admitted request. Undefined when the span is shorter
   * than one second.
   */
  readonly steadyUse: number | undefined;
}

export class KeyMeter {
  readonly #arrived = createPeak();
  readonly #admitted = createPeak();
  #arrivals = 0;
  #admissions = 0;
  #steadyAdmissions = 0;
  #steadyFrom: number | undefined;
  #lastAdmittedAt = 0;

  arrive(at: number): void {
    this.#arrivals += 1;
    this.#arrived.add(at);
  }

  admit(at: number): void {
    this.#steadyFrom ??= at + 1000;
    this.#lastAdmittedAt = at;
    this.#admissions += 1;
    if (at > this.#steadyFrom) this.#steadyAdmissions += 1;
    this.#admitted.add(at);
  }

  figures(requestsPerSecond: number): KeyFigures {
    const steadyMs = this.#lastAdmittedAt - (this.#steadyFrom ?? this.#lastAdmittedAt);
    const budget = (requestsPerSecond * steadyMs) / 1000;
    return {
      requests: this.#arrivals,
      admitted: this.#admissions,
      mostAdmittedInOneSecond: this.#admitted.most,
      mostArrivedInOneSecond: this.#arrived.most,
      steadyUse: steadyMs < 1000 ? undefined : this.#steadyAdmissions / budget,
    };
  }
}

import { Client } from 'pg';

/** What a process has asked its database since it was last read. */
export interface Counted {
  readonly queries: number;
  /** How long each statement took that asks for work. */
  readonly claimsMs: readonly number[];
}

type Callback = (error: unknown, result: unknown) => void;

/** A client of pg that counts statements and times those that take work, for a pool's `Client`. */
export function countingClient(claim: string) {
  let queries = 0;
  let claimsMs: number[] = [];

  class CountingClient extends Client {
    // Its many forms are passed on as they are: a text or an object, a promise or a callback.
    override query(...args: unknown[]): never {
      queries += 1;
      const [first] = args;
      const text = typeof first === 'string' ? first : (first as { readonly text?: string }).text;
      const query = super.query.bind(this) as (...args: unknown[]) => unknown;
      if (text?.includes(claim) !== true) return query(...args) as never;
      const startedAt = performance.now();
      const note = () => claimsMs.push(performance.now() - startedAt);
      const last = args.at(-1);
      if (typeof last !== 'function') {
        return Promise.resolve(query(...args)).finally(note) as never;
      }
      const callback: Callback = (...answer) => {
        note();
        (last as Callback)(...answer);
      };
      return query(...args.slice(0, -1), callback) as never;
    }
  }

  return {
    Client: CountingClient,
    /** Reads what was counted, and begins anew. */
    take(): Counted {
      const counted = { queries, claimsMs };
      queries = 0;
      claimsMs = [];
      return counted;
    },
  };
}

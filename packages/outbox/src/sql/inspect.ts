import type { DeadChange, Inspect } from '../model/outbox.ts';
import type { Call } from './call.ts';

type Stored<Row> = { readonly [Name in keyof Row]: Row[Name] extends Date ? string : Row[Name] };

/** Looks into the tables. */
export function createInspect(call: Call, requestsPerSecond: number): Inspect {
  return {
    depth: (key) => call('depth', { key }),
    blocked: () => call('blocked', {}),
    async dead() {
      const found = await call<Stored<DeadChange>[]>('dead', {});
      return found.map(({ acceptedAt, endedAt, ...rest }) => ({
        ...rest,
        acceptedAt: new Date(acceptedAt),
        endedAt: new Date(endedAt),
      }));
    },
    async budgets() {
      const found = await call<Awaited<ReturnType<Inspect['budgets']>>>('budgets', {});
      return found.map((budget) => ({ ...budget, requestsPerSecond }));
    },
  };
}

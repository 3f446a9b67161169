import { stillMs } from '../model/slot-timing.ts';
import type {
  BlockedTicket,
  ChangeRecord,
  DeadChange,
  Inspect,
  PausedKey,
} from '../model/outbox.ts';
import type { Call } from './call.ts';

/** A row as JSON has it: moments are texts, and what is missing is null. */
type Stored<Row> = {
  readonly [Name in keyof Row]-?: NonNullable<Row[Name]> extends Date ? string | null : Row[Name];
};

/** The same with moments, and without what is missing. */
function revived<Row>(row: Stored<Row>): Row {
  const moments = new Set(['acceptedAt', 'endedAt', 'notBefore', 'since', 'nextTryAt']);
  const known = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([name, value]) => [name, moments.has(name) ? new Date(value as string) : value]),
  ) as Row;
}

/** Looks into the tables. */
export function createInspect(call: Call, requestsPerSecond: number): Inspect {
  return {
    depth: (key) => call('depth', { key }),
    async blocked() {
      const found = await call<Stored<BlockedTicket>[]>('blocked', { stillMs });
      return found.map((one) => revived<BlockedTicket>(one));
    },
    async dead() {
      const found = await call<Stored<DeadChange>[]>('dead', {});
      return found.map((one) => revived<DeadChange>(one));
    },
    async change(id) {
      const found = await call<Stored<ChangeRecord> | undefined>('find', { id });
      return found && revived<ChangeRecord>(found);
    },
    async paused() {
      const found = await call<Stored<PausedKey>[]>('paused', {});
      return found.map((one) => revived<PausedKey>(one));
    },
    async budgets() {
      const found = await call<Awaited<ReturnType<Inspect['budgets']>>>('budgets', {});
      return found.map((budget) => ({ ...budget, requestsPerSecond }));
    },
  };
}

import { stillMs } from '../model/slot-timing.ts';
import type {
  BlockedTicket,
  ChangeRecord,
  DeadChange,
  KeyBudget,
  PausedKey,
} from '../model/outbox.ts';
import type { ChangeEvidence } from '../model/evidence.ts';
import type { StoredHistory } from '../model/safe-steps.ts';
import type { StoreInspect } from '../model/store.ts';
import type { WaitingRecord } from '../model/waiting-changes.ts';
import type { Call } from './call.ts';

/** A row as JSON has it: moments are texts, and what is missing is null. */
type Stored<Row> = {
  readonly [Name in keyof Row]-?: NonNullable<Row[Name]> extends Date ? string | null : Row[Name];
};

/** The same with moments, and without what is missing. */
function revived<Row>(row: Stored<Row>): Row {
  const moments = new Set(['acceptedAt', 'endedAt', 'notBefore', 'since', 'nextTryAt', 'at']);
  const known = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([name, value]) => [name, moments.has(name) ? new Date(value as string) : value]),
  ) as Row;
}

interface Rows {
  readonly record: Stored<ChangeRecord>;
  readonly evidence: readonly Stored<ChangeEvidence>[];
}

type StoredWhy = Stored<Omit<StoredHistory, 'record' | 'evidence'>> & Rows;

/** Looks into the tables. */
export function createInspect(call: Call, requestsPerSecond: number): StoreInspect {
  const sizes = { stillMs, slots: requestsPerSecond };
  const list = async <Row>(name: string, input: object) =>
    (await call<Stored<Row>[]>(name, input)).map((one) => revived<Row>(one));
  return {
    depth: (key) => call('depth', { key }),
    blocked: () => list<BlockedTicket>('blocked', sizes),
    dead: () => list<DeadChange>('dead', {}),
    waiting: (page) => list<WaitingRecord>('waiting', page),
    paused: () => list<PausedKey>('paused', {}),
    async change(id) {
      const found = await call<Stored<ChangeRecord> | undefined>('find', { id });
      return found && revived<ChangeRecord>(found);
    },
    async why(id) {
      const found = await call<StoredWhy | undefined>('why', { id, ...sizes });
      if (found === undefined) return undefined;
      const { record, evidence, ...more } = revived<
        Omit<StoredHistory, 'record' | 'evidence'> & Rows
      >(found);
      return {
        ...more,
        record: revived<ChangeRecord>(record),
        evidence: evidence.map((one) => revived<ChangeEvidence>(one)),
      };
    },
    async budgets({ most } = {}) {
      const found = await call<KeyBudget[]>('budgets', { most });
      return found.map((budget) => ({ ...budget, requestsPerSecond }));
    },
  };
}

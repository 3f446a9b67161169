import type { RecordedRequest } from '@ticket-lifecycle/sandbox';
import type { AskedChange, Batch } from './faults-batch.ts';

/** What was wrong with a change, by the record of the server. */
export interface Fault {
  readonly kind: 'blind-duplicate' | 'lost' | 'wrong-verdict';
  readonly seed: number;
  readonly change: AskedChange;
  readonly why: string;
}

/** Checks each change of a batch against what the server really did. */
export function judgeBatch(batch: Batch): Fault[] {
  const { seed, changes, sandbox, events } = batch;
  const byChange = Map.groupBy(sandbox.requests.filter(isWrite), staffUserIdOf);
  const ended = events.filter(({ type }) => type === 'ended').length;
  const faults = changes.flatMap((change) => judge(change, byChange.get(change.id) ?? []));
  const [first] = changes;
  if (ended !== changes.length && first !== undefined) {
    faults.push(fault('lost', first, `${changes.length} changes were asked for, ${ended} ended`));
  }
  return faults;

  function judge(change: AskedChange, writes: readonly RecordedRequest[]): Fault[] {
    const applied = writes.filter((write) => write.applied);
    const found: Fault[] = [];
    if (applied.length > 1) {
      found.push(fault('blind-duplicate', change, `it was applied ${applied.length} times`));
    }
    const { outcome } = change;
    if (outcome === undefined) {
      return [...found, fault('lost', change, `it has no outcome, but ${String(change.error)}`)];
    }
    const wrong = wrongVerdict(change, writes, applied);
    return wrong === undefined ? found : [...found, fault('wrong-verdict', change, wrong)];
  }

  function wrongVerdict(
    { outcome, ticketId, id }: AskedChange,
    writes: readonly RecordedRequest[],
    applied: readonly RecordedRequest[],
  ): string | undefined {
    switch (outcome?.kind) {
      case 'confirmed': {
        if (applied.length > 0) return undefined;
        if (outcome.by === 'response') return 'it is confirmed by a response, but was not applied';
        // Somebody else may have done the same: a look shows the status, not whose request it was.
        const isThere = sandbox.systemMessages.some(
          (message) => message.ticketId === ticketId && message.to === outcome.status,
        );
        return isThere ? undefined : `nobody has ever set ${ticketId} to ${outcome.status}`;
      }
      case 'unchanged':
      case 'blocked':
        return writes.length > 0 ? `${outcome.kind}, though something was sent` : undefined;
      case 'refused':
      case 'not-sent':
        return applied.length > 0 ? `${outcome.kind}, though it was applied (${id})` : undefined;
      case 'unknown':
      case undefined:
        return undefined;
    }
  }

  function fault(kind: Fault['kind'], change: AskedChange, why: string): Fault {
    return { kind, seed, change, why };
  }
}

const isWrite = ({ method }: RecordedRequest) => method === 'POST';

function staffUserIdOf({ body }: RecordedRequest): unknown {
  return (body as { staffUserId?: unknown } | undefined)?.staffUserId;
}

import type { RecordedRequest } from '@ticket-lifecycle/sandbox';
import type { AskedChange, Batch } from './batch.ts';

/** What was wrong with a change, by the record of the server. */
export interface Mistake {
  readonly kind: 'blind-duplicate' | 'lost' | 'wrong-verdict';
  readonly seed: number;
  readonly change: AskedChange;
  readonly why: string;
}

/** Checks each change of a batch against what the server really did. */
export function checkBatch(batch: Batch): Mistake[] {
  const { seed, changes, sandbox, events } = batch;
  const byChange = Map.groupBy(sandbox.requests.filter(isWrite), staffUserIdOf);
  const ended = events.filter(({ type }) => type === 'ended').length;
  const mistakes = changes.flatMap((change) => check(change, byChange.get(change.id) ?? []));
  const [first] = changes;
  if (ended !== changes.length && first !== undefined) {
    mistakes.push(
      mistake('lost', first, `${changes.length} changes were asked for, ${ended} ended`),
    );
  }
  return mistakes;

  function check(change: AskedChange, writes: readonly RecordedRequest[]): Mistake[] {
    const applied = writes.filter((write) => write.applied);
    const found: Mistake[] = [];
    if (applied.length > 1) {
      found.push(mistake('blind-duplicate', change, `it was applied ${applied.length} times`));
    }
    const { outcome } = change;
    if (outcome === undefined) {
      return [...found, mistake('lost', change, `it has no outcome, but ${String(change.error)}`)];
    }
    const wrong = wrongVerdict(change, writes, applied);
    return wrong === undefined ? found : [...found, mistake('wrong-verdict', change, wrong)];
  }

  function wrongVerdict(
    { outcome, ticketId, id }: AskedChange,
    writes: readonly RecordedRequest[],
    applied: readonly RecordedRequest[],
  ): string | undefined {
    switch (outcome?.kind) {
      case 'confirmed':
        // Somebody else may have done the same: a read shows the status, not whose request it was.
        return applied.length > 0 || wasSeenThere(id, ticketId, outcome.status)
          ? undefined
          : 'it is confirmed, but was neither applied nor seen there';
      case 'unchanged':
      case 'blocked':
        return writes.length > 0 ? `${outcome.kind}, though something was sent` : undefined;
      case 'refused':
      case 'not-sent':
        return applied.length > 0 ? `${outcome.kind}, though it was applied` : undefined;
      case 'unknown':
      case undefined:
        return undefined;
    }
  }

  /** Whether the ticket was read, after the change was sent, and stood where it was to go. */
  function wasSeenThere(id: number, ticketId: string, status: string): boolean {
    const sent = events.find(
      (event) => event.type === 'sent' && event.changeId === id && event.method === 'POST',
    );
    return sandbox.requests.some(
      (read) =>
        read.call === 'getTicket' &&
        read.ticketId === ticketId &&
        read.from === status &&
        sent !== undefined &&
        read.countedAt >= sent.at,
    );
  }

  function mistake(kind: Mistake['kind'], change: AskedChange, why: string): Mistake {
    return { kind, seed, change, why };
  }
}

const isWrite = ({ method }: RecordedRequest) => method === 'POST';

function staffUserIdOf({ body }: RecordedRequest): unknown {
  return (body as { staffUserId?: unknown } | undefined)?.staffUserId;
}

import type { ChangeEvidence, SafeStep } from './evidence.ts';
import type { ChangeHistory, ChangeRecord } from './outbox.ts';

/** What a store knows of a change, besides its record. */
export interface StoredHistory {
  readonly record: ChangeRecord;
  readonly evidence: readonly ChangeEvidence[];
  /** Since when it is what it is, where it is the first of its ticket. */
  readonly since?: Date | undefined;
  readonly isInDoubt: boolean;
  readonly heldBy?: string | undefined;
  readonly pause?: { readonly by: 'fault' | 'hand'; readonly reason: string } | undefined;
}

/** Adds to what a store knows which steps are safe. */
export function historyOf({ record, evidence, isInDoubt, heldBy, ...more }: StoredHistory) {
  const steps = safeSteps({ record, isInDoubt, heldBy, ...more });
  return { ...record, evidence, isInDoubt, heldBy, steps } satisfies ChangeHistory;
}

const cancel = {
  step: 'cancel',
  why: 'Nothing of it was sent, so it can be taken back.',
} as const;
const readsFirst = 'The ticket is read first, and the change is sent only if it did not arrive.';

function safeSteps({
  record: { kind },
  isInDoubt,
  heldBy,
  pause,
}: Omit<StoredHistory, 'evidence'>): readonly SafeStep[] {
  const mayCancel = isInDoubt ? [] : [cancel];
  switch (kind) {
    case 'dead':
      return [
        { step: 'redrive', why: isInDoubt ? readsFirst : 'Nothing of it was processed.' },
        { step: 'skip', why: 'Its ticket goes on without it.' },
      ];
    case 'unknown':
      return [
        { step: 'redrive', why: readsFirst },
        { step: 'skip', why: 'Only after you have seen that the ticket is where it should be.' },
      ];
    case 'underWay':
      return [
        { step: 'none', why: 'A worker has it, and writes down how it ends.' },
        { step: 'give back', why: `If its worker hangs. ${readsFirst}` },
      ];
    case 'waiting':
    case 'retrying': {
      if (pause !== undefined) {
        const step = pause.by === 'hand' ? 'resume' : 'none';
        const why = `Its key is paused. ${pause.reason}`;
        return [{ step, why }, ...mayCancel];
      }
      const why =
        heldBy === undefined
          ? 'It is sent when its turn, its time and a slot have come.'
          : `It waits for ${heldBy}, a change of the same ticket. Look at that one.`;
      return [{ step: 'none', why }, ...mayCancel];
    }
    case 'later':
      return [{ step: 'none', why: 'Its time has not come.' }, cancel];
    default:
      return [{ step: 'none', why: 'It has ended.' }];
  }
}

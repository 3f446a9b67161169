import type { Change } from './change.ts';
import { waysOutOf } from './dead-ends.ts';
import type { ChangeEvidence, SafeStep } from './evidence.ts';
import type { ChangeHistory, ChangeRecord } from './outbox.ts';

/** What a store knows of a change, besides its record. */
export interface StoredHistory {
  readonly record: ChangeRecord;
  readonly evidence: readonly ChangeEvidence[];
  /** Since when it is what it is, where it has not ended for good. */
  readonly since?: Date | undefined;
  /** Whether it waits for its time, and that has come. */
  readonly isDue?: boolean | undefined;
  /** Why it does not go on, where `blocked` shows it. */
  readonly stands?: string | undefined;
  readonly isInDoubt: boolean;
  /** How many changes of its ticket wait behind it. */
  readonly behind?: number | undefined;
  readonly heldBy?: string | undefined;
  readonly pause?: { readonly by: 'fault' | 'hand'; readonly reason: string } | undefined;
}

/** Adds to what a store knows which steps are safe. */
export function historyOf({ record, evidence, isInDoubt, heldBy, since, ...more }: StoredHistory) {
  const { codes } = evidence.findLast(({ what }) => what === 'ended') ?? {};
  const steps = safeSteps({ record, codes, isInDoubt, heldBy, ...more });
  const { pause, stands } = more;
  const waits = pause === undefined ? stands : pausedText(pause);
  const reason = record.reason ?? (record.kind === 'waiting' ? waits : undefined);
  return { ...record, reason, since, evidence, isInDoubt, heldBy, steps } satisfies ChangeHistory;
}

const pausedText = ({ reason }: { readonly reason: string }) => `Its key is paused. ${reason}`;

function cancel(behind = 0): SafeStep {
  const why = 'Nothing of it was processed, so it can be taken back.';
  if (behind === 0) return { step: 'cancel', why };
  const others =
    behind === 1
      ? '1 change of its ticket waits behind it and begins'
      : `${behind} changes of its ticket wait behind it and begin`;
  return {
    step: 'cancel',
    why: `${why} ${others} where it would have ended: look at these first.`,
  };
}
const sentInTurn = 'It is sent when its turn, its time and a slot have come.';
const readsFirstInTurn =
  'Its ticket is read first, when its turn, its time and a slot have come. It is sent only if no earlier request arrived.';
const readsFirst = 'The ticket is read first, and the change is sent only if it did not arrive.';

/** What helps first. Where nothing but a new change does without a deployment, that is `skip`. */
function stepsOfDead(
  change: Change,
  codes: readonly string[] = [],
  isInDoubt: boolean,
): readonly SafeStep[] {
  const { redriveOnce, acceptAnew } = waysOutOf(change, codes);
  const first = isInDoubt ? readsFirst : 'Nothing of it was processed.';
  const redrive = { step: 'redrive', why: `${redriveOnce} ${first}` } as const;
  const goesOn = 'Its ticket goes on without it.';
  if (acceptAnew === undefined) return [redrive, { step: 'skip', why: goesOn }];
  return [{ step: 'skip', why: `${goesOn} ${acceptAnew}` }, redrive];
}

function safeSteps({
  record: { change, kind, reason },
  codes,
  isInDoubt,
  behind,
  heldBy,
  isDue,
  pause,
  stands,
}: Omit<StoredHistory, 'evidence' | 'since'> & Pick<ChangeEvidence, 'codes'>): readonly SafeStep[] {
  const mayCancel = isInDoubt ? [] : [cancel(behind)];
  switch (kind) {
    case 'dead':
      return stepsOfDead(change, codes, isInDoubt);
    case 'unknown':
      return [
        { step: 'redrive', why: readsFirst },
        { step: 'skip', why: 'Only after you have seen that the ticket is where it should be.' },
      ];
    case 'underWay':
      return [
        { step: 'none', why: stands ?? 'A worker has it, and writes down how it ends.' },
        { step: 'give back', why: `If its worker hangs. ${readsFirst}` },
      ];
    case 'waiting':
    case 'retrying': {
      if (pause !== undefined) {
        const step = pause.by === 'hand' ? 'resume' : 'none';
        return [{ step, why: pausedText(pause) }, ...mayCancel];
      }
      const waits = isInDoubt ? readsFirstInTurn : sentInTurn;
      const why =
        heldBy === undefined
          ? // That of its latest attempt is told beside it.
            ((stands === reason ? undefined : stands) ?? waits)
          : `It waits for ${heldBy}, a change of the same ticket. Look at that one.`;
      return [{ step: 'none', why }, ...mayCancel];
    }
    case 'later': {
      const waits =
        isDue === true ? 'Its time has come, and it is let in next.' : 'Its time has not come.';
      return [{ step: 'none', why: stands ?? waits }, cancel()];
    }
    default:
      return [{ step: 'none', why: 'It has ended.' }];
  }
}

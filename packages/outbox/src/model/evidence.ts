/** What can be known of a change. */
export type EvidenceKind =
  | 'accepted'
  | 'claimed'
  /** A slot of its key was used. */
  | 'slot'
  /** The request was handed to the network, and its answer came. */
  | 'sent'
  | 'answered'
  /** It was cut before anything was written, as the process could not show that it held the change. */
  | 'cut'
  /** The ticket was read, and what that proves. */
  | 'read'
  /** Somebody else moved the ticket. */
  | 'moved'
  | 'ended'
  | 'worker lost'
  | 'redriven'
  | 'given back'
  | 'cancelled'
  | 'skipped';

/** One thing that is known of a change. */
export interface ChangeEvidence {
  readonly at: Date;
  readonly what: EvidenceKind;
  readonly detail?: string | undefined;
  /** Of an end as dead: the codes of what was in its way, of blockers or of a refusal. */
  readonly codes?: readonly string[] | undefined;
}

const ends: ReadonlySet<EvidenceKind> = new Set(['ended', 'worker lost', 'given back']);

/**
 * The latest entries, in their order. The latest request, its answer and how its attempt ended are
 * always among them: whether a change may have arrived hangs on these, however much was read since.
 * `outbox_with_evidence` does the same in SQL.
 */
export function latestEvidence<Entry extends { readonly what: EvidenceKind }>(
  entries: readonly Entry[],
  most: number,
): readonly Entry[] {
  if (entries.length <= most) return entries;
  const sent = entries.findLastIndex(({ what }) => what === 'sent');
  const firstSince = (fits: (what: EvidenceKind) => boolean) =>
    sent === -1 ? -1 : entries.findIndex(({ what }, at) => at > sent && fits(what));
  const end = firstSince((what) => ends.has(what));
  // A request is answered before the attempt goes on. Later answers are those of reads.
  const answer = firstSince((what) => what === 'answered');
  const isOfRequest = answer !== -1 && (end === -1 || answer < end);
  const pinned = [sent, isOfRequest ? answer : -1, end].filter((at) => at !== -1);
  let others = most - pinned.length;
  const kept = new Set(pinned);
  for (let at = entries.length - 1; others > 0; at -= 1) {
    if (kept.has(at)) continue;
    kept.add(at);
    others -= 1;
  }
  return entries.filter((_, at) => kept.has(at));
}

/** What a person may do about a change, so that nothing is sent twice and nothing is lost. */
export interface SafeStep {
  readonly step: 'none' | 'redrive' | 'skip' | 'cancel' | 'give back' | 'resume';
  readonly why: string;
}

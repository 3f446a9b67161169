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
}

/** What a person may do about a change, so that nothing is sent twice and nothing is lost. */
export interface SafeStep {
  readonly step: 'none' | 'redrive' | 'skip' | 'cancel' | 'give back' | 'resume';
  readonly why: string;
}

import type { EvidenceKind } from '../model/evidence.ts';
import { storable } from '../model/storable.ts';
import type { Noted } from '../model/claim.ts';

/** What one attempt has seen, until its end is written down. */
export interface AttemptEvidence {
  readonly note: (what: EvidenceKind, detail?: string) => void;
  readonly entries: () => readonly Noted[];
}

// A delivery that is cut off after minutes has not done more than this that matters.
const mostEntries = 40;
const longestDetail = 300;

export function createAttemptEvidence(): AttemptEvidence {
  const entries: Noted[] = [];
  return {
    note(what, detail) {
      if (entries.length === mostEntries) return;
      const text = detail === undefined ? {} : { detail: storable(detail).slice(0, longestDetail) };
      entries.push({ what, at: performance.now(), ...text });
    },
    entries: () => entries,
  };
}

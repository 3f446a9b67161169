import { latestEvidence, type EvidenceKind } from '../model/evidence.ts';
import { storable } from '../model/storable.ts';
import type { Noted } from '../model/claim.ts';

/** What one attempt has seen, until its end is written down. */
export interface AttemptEvidence {
  readonly note: (what: EvidenceKind, detail?: string) => void;
  readonly entries: () => readonly Noted[];
}

// An attempt seldom sees as many; a `deliver` of one's own may note any number.
const mostEntries = 40;
const longestDetail = 300;
const longestKind = 100;

export function createAttemptEvidence(): AttemptEvidence {
  let entries: readonly Noted[] = [];
  return {
    note(kind, detail) {
      // Either may come from untyped code.
      const what = storable(kind, longestKind) as EvidenceKind;
      const text = detail === undefined ? {} : { detail: storable(detail, longestDetail) };
      entries = latestEvidence([...entries, { what, at: performance.now(), ...text }], mostEntries);
    },
    entries: () => entries,
  };
}

import { latestEvidence, type EvidenceKind } from '../model/evidence.ts';
import { storable } from '../model/storable.ts';
import type { Noted } from '../model/claim.ts';

// An attempt seldom sees as many; a `deliver` of one's own may note any number.
const mostEntries = 40;
const longestDetail = 300;
const longestKind = 100;

/** Keeps what one attempt has seen, until its end is written down. */
export function createAttemptEvidence() {
  let entries: readonly Noted[] = [];
  return {
    note(this: void, kind: EvidenceKind, detail?: string): void {
      // Either may come from untyped code.
      const what = storable(kind, longestKind) as EvidenceKind;
      const text = detail === undefined ? {} : { detail: storable(detail, longestDetail) };
      entries = latestEvidence([...entries, { what, at: performance.now(), ...text }], mostEntries);
    },
    entries: () => entries,
  };
}

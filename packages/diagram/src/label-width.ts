/** How much of a text a label shows. Tooltips hold all of it. */
export interface LabelWidth {
  /** The width of a line, in units of the font size. */
  readonly width: number;
  readonly lines: number;
}

export const stateLabel: LabelWidth = { width: 12, lines: 3 };
/** Where room is short. */
export const tightStateLabel: LabelWidth = { width: 7, lines: 4 };
export const edgeLabel: LabelWidth = { width: 15, lines: 3 };

const blockedSign = '✗ ';

/** A reason why an edge is blocked, as a note of its caption. */
export const reasonNote = (reason: string): string => `${blockedSign}${reason}`;

/**
 * How much of a note an edge shows. A reason is what somebody looks for, and paper has no tooltips,
 * so it is whole as far as a page may hold it.
 */
export const noteLabel = (note: string): LabelWidth =>
  note.startsWith(blockedSign) ? { ...edgeLabel, lines: 24 } : edgeLabel;

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

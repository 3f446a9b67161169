import type { LabelWidth } from '../label-width.ts';
import { clean, fit, oneLine } from '../text.ts';

/** A quoted id or attribute. Graphviz reads a doubled backslash as one in texts, and as two in ids. */
export const dotString = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A node's name in DOT. Not yet unique: characters that cannot be printed give the same name. */
export const dotId = (name: string): string => oneLine(name) || 'state';

// Graphviz reads entities in texts, so an & is one itself.
const escaped = (line: string): string =>
  line.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"');

/** A label of lines that fit. */
export const dotLabel = (texts: readonly string[], widthOf: (text: string) => LabelWidth): string =>
  `"${texts
    .flatMap((text) => fit(text, widthOf(text)))
    .map(escaped)
    .join('\\n')}"`;

/** A text on one line, whole. */
export const dotText = (text: string): string =>
  `"${escaped(clean(text)).replaceAll('\n', '\\n')}"`;

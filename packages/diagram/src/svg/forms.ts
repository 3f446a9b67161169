import type { DiagramOptions } from '../options.ts';
import type { Room } from './layout.ts';

/** How a picture may be laid out. */
export interface Form extends Required<Pick<DiagramOptions, 'direction' | 'group'>> {
  /** Of captions, in units of the font size. */
  readonly lineWidth: number;
  /** How much harder it is to read: a smaller picture has to make up for it. */
  readonly price: number;
}

// Time flows as people read, a frame says at a glance what a line in each box does not, and a
// caption on one line is read at once.
const forms: readonly Form[] = [
  { direction: 'right', group: true, lineWidth: 15, price: 1 },
  { direction: 'right', group: true, lineWidth: 9, price: 1.05 },
  { direction: 'right', group: false, lineWidth: 15, price: 1.1 },
  { direction: 'right', group: false, lineWidth: 9, price: 1.15 },
  { direction: 'down', group: true, lineWidth: 15, price: 1.15 },
  { direction: 'down', group: true, lineWidth: 9, price: 1.2 },
  { direction: 'down', group: false, lineWidth: 15, price: 1.25 },
  { direction: 'down', group: false, lineWidth: 9, price: 1.3 },
];

const narrow = { sideways: 9, onwards: 18, frame: 8, box: 16, caption: 6 };

/** From the one in which a picture is read most easily to the narrowest. */
export const rooms: readonly Room[] = [
  { sideways: 13, onwards: 20, frame: 10, box: 18, caption: 8, names: 'wide' },
  { ...narrow, names: 'wide' },
  { ...narrow, names: 'words' },
];

/** Where nothing else fits: a word that is broken is hard to read. */
export const tightestRoom: Room = { ...narrow, names: 'letters' };

/** The forms that keep what is given. */
export function formsFor({
  direction,
  group,
}: Pick<DiagramOptions, 'direction' | 'group'>): Form[] {
  return forms.filter(
    (form) =>
      (direction === undefined || form.direction === direction) &&
      (group === undefined || form.group === group),
  );
}

import type { Room } from './text.ts';

/** How much of a text is shown; tooltips have the whole of it. */
export const stateRoom: Room = { width: 12, lines: 3 };
export const edgeRoom: Room = { width: 15, lines: 3 };

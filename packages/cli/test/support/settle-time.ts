/** In place of 30 s, in the command line that is bundled for tests. */
export const defaultSettleMs = 500;
export const mostLateMs = 10_000;

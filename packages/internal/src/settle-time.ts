/**
 * How long a server may still work on a request after its answer was given up, where nobody says
 * otherwise. A fact about servers and networks: no client's patience makes it shorter.
 */
export const defaultSettleMs = 30_000;

/**
 * How late a request may leave after what was noted before it. Whoever settles a change of another
 * process counts on it, so it is the same for all, whatever their patience.
 */
export const mostLateMs = 10_000;

/**
 * How long a server may still work on a request after its answer was given up, where nobody says
 * otherwise. A fact about servers and networks: no client's patience makes it shorter.
 */
export const defaultSettleMs = 30_000;

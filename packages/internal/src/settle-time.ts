/**
 * How long a request may still be under way after its sender gave up waiting for the answer, where
 * nobody says otherwise.
 */
export const defaultSettleMs = (timeoutMs: number): number => timeoutMs + 1000;

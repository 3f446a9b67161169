import type { CompiledMachine } from '../definition/compile.ts';
import type { TicketStatus } from '../ticket-status.ts';

/** The state that a ticket's status stands for, as far as that can be told. */
export interface StatusMatch<State extends string = string> {
  /** `undefined` where no state has the status, or where several have it and nothing decides. */
  readonly state: State | undefined;
  /** Whether the definition alone decided between several states. */
  readonly assumed: boolean;
  /** All states of the status, in order of definition. */
  readonly candidates: readonly State[];
}

/**
 * Finds the state that a seen status stands for: the remembered state where it has that status,
 * else the one marked with `meta: { default: true }`, else the one named like the status.
 */
export function stateFor(
  { statuses, defaults }: CompiledMachine,
  status: string,
  remembered?: string,
): StatusMatch {
  const candidates = [...statuses.keys()].filter((state) => statuses.get(state) === status);
  const known =
    candidates.length > 1 ? candidates.find((one) => one === remembered) : candidates[0];
  const state =
    known ?? defaults.get(status as TicketStatus) ?? candidates.find((name) => name === status);
  return { state, assumed: known !== state, candidates };
}

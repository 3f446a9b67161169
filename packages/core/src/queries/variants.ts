import type { Transition } from './alignment.ts';
import type { Tally } from './tally.ts';

/** What is kept of one ticket of a log. */
export interface TicketTally extends Tally {
  reopens: number;
}

/** A way through life that tickets share. */
export interface Variant {
  /** The statuses one after the other, repeated rows counted once. */
  readonly statuses: readonly string[];
  readonly tickets: number;
  /** Of all tickets, from 0 to 1. */
  readonly share: number;
}

/** What all tickets that have come the same way share: only repeated rows are a ticket's own. */
interface Shared {
  readonly tally: Readonly<TicketTally>;
  /** The last step of the way. */
  readonly arrival: Transition;
  readonly isReopened: boolean;
}

/** A place in the tree of all variants. A ticket moves down it, status by status. */
export interface VariantNode extends Shared {
  /** Its number, by which a ticket keeps it. */
  readonly number: number;
  readonly status: string;
  readonly parent: VariantNode | undefined;
  readonly children: Map<string, VariantNode>;
  tickets: number;
}

// With the wrong column every ticket may have a variant of its own.
const mostNodes = 50_000;

/**
 * Counts how many tickets share a variant.
 *
 * @param goOn - what a way is worth that goes on from a place, or begins
 */
export function createVariants(
  goOn: (before: Readonly<TicketTally> | undefined, status: string) => Shared,
) {
  const beginnings = new Map<string, VariantNode>();
  const nodes: VariantNode[] = [];

  return {
    nodes: nodes as readonly VariantNode[],
    /**
     * Where a way goes on by a status, or begins; `undefined` beyond 50,000 places in the tree.
     */
    next(node: VariantNode | undefined, status: string): VariantNode | undefined {
      const children = node?.children ?? beginnings;
      const known = children.get(status);
      if (known !== undefined || nodes.length === mostNodes) return known;
      const child = {
        number: nodes.length,
        status,
        parent: node,
        children: new Map(),
        tickets: 0,
        ...goOn(node?.tally, status),
      };
      children.set(status, child);
      nodes.push(child);
      return child;
    },
    /** @param tickets - how many there are, with those that are in no place */
    summary(tickets: number): { variants: Variant[]; otherTickets: number } {
      const variants = nodes
        .filter((node) => node.tickets > 0)
        .map((node) => ({
          statuses: statusesOf(node),
          tickets: node.tickets,
          share: node.tickets / tickets,
        }))
        .toSorted((a, b) => b.tickets - a.tickets);
      const placed = variants.reduce((sum, variant) => sum + variant.tickets, 0);
      return { variants, otherTickets: tickets - placed };
    },
  };
}

function statusesOf(node: VariantNode): string[] {
  const statuses: string[] = [];
  for (let at: VariantNode | undefined = node; at !== undefined; at = at.parent) {
    statuses.push(at.status);
  }
  return statuses.toReversed();
}

/** A way through life that tickets share. */
export interface Variant {
  /** The statuses one after the other, repeated rows counted once. */
  readonly statuses: readonly string[];
  readonly tickets: number;
  /** Of all tickets, from 0 to 1. */
  readonly share: number;
}

/** A place in the tree of all variants. A ticket moves down it, status by status. */
export interface VariantNode {
  /** Its number, by which a ticket keeps it. */
  readonly number: number;
  readonly status: string;
  readonly parent: VariantNode | undefined;
  readonly children: Map<string, VariantNode>;
  tickets: number;
}

// With the wrong column every ticket may have a variant of its own.
const mostNodes = 50_002;

/** Counts how many tickets share a variant. */
export function createVariants() {
  const root = nodeOf(0, '', undefined);
  const others = nodeOf(1, '', undefined);
  const nodes = [root, others];

  return {
    root,
    nodeOf: (number: number): VariantNode => nodes[number] ?? others,
    /** Moves a ticket on by a status. Beyond 50,000 places in the tree it is one of the others. */
    next(node: VariantNode, status: string): VariantNode {
      if (node !== root) node.tickets -= 1;
      const next = childOf(node, status);
      next.tickets += 1;
      return next;
    },
    summary(tickets: number): { variants: Variant[]; otherTickets: number } {
      const variants = nodes
        .filter((node) => node.tickets > 0 && node !== others)
        .map((node) => ({
          statuses: statusesOf(node),
          tickets: node.tickets,
          share: node.tickets / tickets,
        }))
        .toSorted((a, b) => b.tickets - a.tickets);
      return { variants, otherTickets: others.tickets };
    },
  };

  function childOf(node: VariantNode, status: string): VariantNode {
    const known = node === others ? others : node.children.get(status);
    if (known !== undefined) return known;
    if (nodes.length >= mostNodes) return others;
    const child = nodeOf(nodes.length, status, node);
    node.children.set(status, child);
    nodes.push(child);
    return child;
  }
}

const nodeOf = (number: number, status: string, parent: VariantNode | undefined): VariantNode => ({
  number,
  status,
  parent,
  children: new Map(),
  tickets: 0,
});

function statusesOf(node: VariantNode): string[] {
  const statuses: string[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) statuses.push(at.status);
  return statuses.toReversed();
}

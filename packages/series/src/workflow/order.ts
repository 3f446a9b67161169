import { createTurns, type Turns } from './ticket-order.ts';

/** What keeps the changes of one ticket apart. */
export interface Order {
  readonly turns: Turns;
  /** Until when tickets are held, because a request may still be under way. */
  readonly heldUntil: Map<string, number>;
}

// Each is gone with what it belongs to.
const orders = new WeakMap<object, Order>();

/**
 * The order that belongs to a store or a client. What one workflow has just sent must not be sent by
 * another that waited for the same ticket. Of where the ticket stands then only those with one store
 * know alike: with a client alone each goes by what it has seen itself, and reads the rest.
 */
export function orderOf(shared: object): Order {
  const known = orders.get(shared);
  if (known !== undefined) return known;
  const order: Order = { turns: createTurns(), heldUntil: new Map() };
  orders.set(shared, order);
  return order;
}

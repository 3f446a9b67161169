const tables = ['change', 'arrival', 'gate', 'lane', 'budget', 'slot', 'worker', 'circuit'];

/** A statement that leaves an outbox without changes: making a schema anew would take longer. */
export const emptyTables = (schema = 'ticket_outbox') =>
  `truncate ${tables.map((name) => `${schema}.outbox_${name}`).join(', ')}`;

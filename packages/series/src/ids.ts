// What an id may look like, for those who check one long before they send anything.
export { staffUserIdSchema, ticketIdSchema } from './schemas.ts';

// The schemas of ids, without the HTTP client.
export { staffUserIdSchema, ticketIdSchema } from './schemas.ts';

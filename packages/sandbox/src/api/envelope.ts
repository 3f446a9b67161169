import * as z from 'zod';

// Every answer of the API stands in one of these two shapes.

export const successOf = (data: z.ZodType) => z.object({ success: z.literal(true), data });

export const messageSchema = successOf(z.object({ message: z.string() }));

export const failureSchema = z.object({
  success: z.literal(false),
  error: z.object({ code: z.int(), message: z.string() }),
});

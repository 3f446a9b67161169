import * as z from 'zod';

// What the tools answer. Fields may be added: each object says so by being loose.

const blockers = z.array(z.looseObject({ code: z.string(), message: z.string() }));
/** What went wrong before there was an answer. */
const error = z.looseObject({ name: z.string(), message: z.string() }).optional();

export const explained = z.looseObject({
  verdicts: z.array(
    z.looseObject({
      allowed: z.boolean(),
      from: z.string(),
      event: z.string(),
      to: z.string().optional().describe('Where the event leads, if it is allowed'),
      blockers: blockers.optional().describe('Every reason why it is not allowed'),
      enabled: z.array(z.string()).optional().describe('What is possible instead'),
    }),
  ),
});

export const planned = z.looseObject({
  kind: z.enum(['plan', 'already-there', 'unreachable', 'blocked', 'ambiguous']),
  from: z.string(),
  to: z.string(),
  steps: z.array(z.looseObject({ event: z.string(), to: z.string() })).optional(),
  statusChanges: z.number().optional().describe('Requests that the path takes'),
  blockers: blockers.optional(),
});

export const observed = z.looseObject({
  ticketId: z.string().optional(),
  status: z.string().optional(),
  states: z.array(z.string()).optional().describe('The states that the status may stand for'),
  enabled: z
    .array(z.string())
    .optional()
    .describe('What is possible now, some of it only with data'),
  change: z
    .looseObject({ kind: z.string(), events: z.array(z.string()).optional() })
    .optional()
    .describe('What somebody has done since "from"'),
  error,
});

export const listed = z.looseObject({
  tickets: z.array(z.looseObject({ ticketId: z.string(), status: z.string() })).optional(),
  isComplete: z.boolean().optional().describe('Whether these are all of them'),
  error,
});

export const applied = z.looseObject({
  outcomes: z
    .array(
      z.looseObject({
        kind: z.enum(['confirmed', 'unchanged', 'blocked', 'refused', 'not-sent', 'unknown']),
        ticketId: z.string(),
      }),
    )
    .optional()
    .describe('One for each step'),
  error,
});

import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ticketStatuses, type Lifecycle } from '@ticket-lifecycle/core';
import {
  staffUserIdSchema,
  ticketIdSchema,
  type SeriesClient,
  type TicketWorkflow,
} from '@ticket-lifecycle/series';
import * as z from 'zod';
import { CliError } from '../../cli-error.ts';
import { errorText } from '../../error-text.ts';
import { readObservation } from '../../report/observation.ts';
import { planData } from '../../report/plan.ts';
import { verdictData } from '../../report/verdict.ts';
import { hasArrived, lineOutcomeOf, type LineOutcome } from '../../journal/line-outcome.ts';
import { targetNames, planTarget } from '../../lifecycle/targets.ts';
import type { Secrets } from '../../terminal/secrets.ts';
import { createCarryOut } from '../../bulk/carry-out.ts';
import { shownOf } from '../tickets/shown-ticket.ts';
import { applied, explained, listed, observed, planned } from './answers.ts';

/** What tools reach tickets by. */
export interface Api {
  readonly client: SeriesClient;
  readonly workflow: TicketWorkflow;
}

/** What the tools work with. */
export interface ToolOptions {
  readonly lifecycle: Lifecycle;
  readonly api: Api | { readonly missing: string };
  readonly allowApply: boolean;
  /** The staff member for all changes. `undefined` lets the assistant choose. */
  readonly staffUserId: number | undefined;
  readonly context: unknown;
  readonly secrets: Secrets;
}

// What an assistant reads, it has to keep in mind.
const mostListed = 100;

const ticketId = z
  .string()
  .refine((id) => ticketIdSchema.safeParse(id).success, 'Invalid ticket id')
  .describe('The id of the ticket, such as TICKET-1234567890-ABCD');

/**
 * Adds the tools that an assistant may use. An argument that a tool does not have is an error: an
 * assistant that asks for a dry run must not make a change.
 */
export function addTools(server: McpServer, options: ToolOptions): void {
  const { lifecycle, api, allowApply, staffUserId, context, secrets } = options;
  const state = z.enum(lifecycle.states as [string, ...string[]]);
  const event = z.enum(lifecycle.events as [string, ...string[]]);
  const target = z.enum(targetNames(lifecycle) as [string, ...string[]]);
  const readOnly = { readOnlyHint: true, destructiveHint: false };

  server.registerTool(
    'explain',
    {
      title: 'May this happen?',
      description:
        'Says whether an event is allowed in a state, with every reason if not, and what is possible instead. Without an event it says so of every event. Changes nothing.',
      inputSchema: z.strictObject({
        from: state.describe('Where the ticket stands'),
        event: event.optional(),
      }),
      outputSchema: explained,
      annotations: { ...readOnly, openWorldHint: false },
    },
    async ({ from, event: asked }) =>
      safely(async () => {
        const verdicts = (asked === undefined ? lifecycle.events : [asked]).map((type) =>
          verdictData(lifecycle.explain(from, type, context)),
        );
        return answer({ verdicts });
      }),
  );

  server.registerTool(
    'plan',
    {
      title: 'Which path leads there?',
      description:
        'Finds the shortest legal path from one state to another, and what it costs in requests. Changes nothing.',
      inputSchema: z.strictObject({
        from: state.describe('Where the ticket stands'),
        to: target.describe('Where it should get to: a state, or a status of the API'),
      }),
      outputSchema: planned,
      annotations: { ...readOnly, openWorldHint: false },
    },
    async ({ from, to }) =>
      safely(async () =>
        answer({ ...planData(lifecycle.plan(from, planTarget(lifecycle, to), { context })) }),
      ),
  );

  server.registerTool(
    'observe',
    {
      title: 'Where does a ticket stand?',
      description:
        'Reads a ticket, and says where it stands and what is possible now. With "from" it names the change that somebody has made since. Changes nothing.',
      inputSchema: z.strictObject({ ticketId, from: target.optional() }),
      outputSchema: observed,
      annotations: { ...readOnly, openWorldHint: true },
    },
    async ({ ticketId: id, from }, { signal }) =>
      safely(async () => {
        const { client } = reached();
        return answer({
          ...(await readObservation(id, { client, lifecycle, from, context, signal })),
        });
      }),
  );

  server.registerTool(
    'tickets',
    {
      title: 'Which tickets are there?',
      description: `Lists tickets of the workspace, ten a request, ${mostListed} at most. Changes nothing.`,
      inputSchema: z.strictObject({
        status: z.enum(ticketStatuses).optional().describe('Those in this status only'),
        department: z.string().optional(),
        limit: z.int().positive().max(mostListed).optional().describe('So many at most'),
      }),
      outputSchema: listed,
      annotations: { ...readOnly, openWorldHint: true },
    },
    async ({ status, department, limit = 20 }, { signal }) =>
      safely(async () => {
        const tickets: object[] = [];
        let isComplete = true;
        for await (const ticket of reached().client.tickets({ status, department }, { signal })) {
          isComplete = tickets.length < limit;
          if (!isComplete) break;
          tickets.push(shownOf(ticket));
        }
        return answer({ tickets, isComplete });
      }),
  );

  if (!allowApply) return;
  server.registerTool(
    'apply',
    {
      title: 'Change a ticket',
      description:
        'Makes one change of a ticket that the lifecycle allows, and says how it ended. Give event, or to for the status to get to, with plan: true to take several steps. People see each change. An outcome "unknown" may have arrived: observe the ticket before anything else.',
      inputSchema: z.strictObject({
        ticketId,
        event: event.optional(),
        to: target.optional(),
        plan: z.boolean().optional().describe('Take the whole legal path to "to"'),
        from: state.optional().describe('Where you believe the ticket to stand'),
        ...(staffUserId === undefined
          ? { staffUserId: z.int().positive().describe('The staff member who changes it') }
          : {}),
      }),
      outputSchema: applied,
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    },
    async ({ ticketId: id, event: asked, to, plan = false, from, ...rest }, { signal }) =>
      safely(async () => {
        if ((asked === undefined) === (to === undefined)) {
          throw new CliError('Give either event or to.');
        }
        const { workflow } = reached();
        const carryOut = createCarryOut({ lifecycle, workflow, plan, context });
        const named = staffUserIdSchema.parse(staffUserId ?? rest.staffUserId);
        const wish = asked === undefined ? { to: to ?? '' } : { event: asked };
        const change = { ticketId: id, staffUserId: named, from, ...wish };
        const outcomes = await carryOut(change, { read: 'always', signal });
        const made = outcomes.map((outcome) => withoutLine(lineOutcomeOf(1, outcome)));
        const end = made.at(-1);
        return answer({ outcomes: made }, end === undefined || !hasArrived(end));
      }),
  );

  function reached(): Api {
    if ('missing' in api) throw new CliError(api.missing);
    return api;
  }

  /** What a guard has thrown, the SDK would show as it is. */
  async function safely(act: () => Promise<Answer>): Promise<Answer> {
    try {
      return await act();
    } catch (error) {
      const { name = 'Error' } = error as Partial<Error>;
      return answer({ error: { name, message: errorText(error) } }, true);
    }
  }

  // If ticket text or a guard's words contain the API key, redact it before the model sees it.
  function answer(content: Record<string, unknown>, isError = false): Answer {
    const text = secrets.hide(JSON.stringify(content));
    return {
      content: [{ type: 'text', text }],
      structuredContent: JSON.parse(text) as Record<string, unknown>,
      isError,
    };
  }
}

/** A single change comes from no file. */
function withoutLine(made: LineOutcome) {
  const { type: _, line: __, ...outcome } = made;
  return outcome;
}

interface Answer {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent: Record<string, unknown>;
  isError: boolean;
}

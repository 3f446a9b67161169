import { ticketLifecycle } from '@ticket-lifecycle/core';
import { expect, test } from 'vitest';
import { createTicketWorkflow, type WorkflowClient } from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

// A client of the user's own that throws after the change was made, and tells of its requests or not.
test.each([true, false])(
  'what was made by a client that throws afterwards is not made twice (events: %s)',
  async (tells) => {
    const { clock, client, sandbox } = setUp();
    let isDown = true;
    const audited: WorkflowClient = {
      ...client,
      async changeStatus(change, options) {
        const made = await client.changeStatus(
          change,
          tells ? options : { ...options, onEvent: undefined },
        );
        if (isDown) throw new Error('The audit is down.');
        return made;
      },
    };
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client: audited, clock });
    await clock.run(workflow.observe('T-open'));
    const first = workflow.apply('T-open', 'START', { staffUserId });
    const ended = first.catch((error: unknown) => error);
    expect(await clock.run(ended)).toMatchObject({ message: 'The audit is down.' });
    isDown = false;
    const again = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    expect(again).toMatchObject({ kind: 'unchanged' });
    expect(writesIn(sandbox)).toHaveLength(1);
  },
);

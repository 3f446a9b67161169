import { describe, expect, test } from 'vitest';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;
const message = (text: string) => ({ success: true, data: { message: text } });

describe('an answer that does not prove a change is followed by a look at the ticket', () => {
  const answers: [string, () => Response][] = [
    ['no word of success', () => Response.json({ ok: false })],
    ['success as a word', () => Response.json({ success: 'true' })],
    ['success as a number', () => Response.json({ success: 1 })],
    ['success beside an error', () => Response.json({ success: true, error: { message: 'no' } })],
    ['another status', () => Response.json(message('Status changed to open'))],
    ['another status in quotes', () => Response.json(message('status changed to "closed"'))],
    ['a 201', () => Response.json(message('ok'), { status: 201 })],
    ['a 204', () => new Response(null, { status: 204 })],
    ['nothing', () => new Response('')],
    ['a list', () => Response.json([])],
    ['null', () => Response.json(null)],
    ['half an answer', () => new Response('{"success":true,"da')],
    ['a page', () => new Response('<html>')],
    ['a cached yes', () => Response.json(message('ok'), { headers: { age: '3' } })],
  ];

  test.each(answers)('%s, and nothing was applied', async (_, answer) => {
    const { clock, workflow, sandbox } = setUp({}, async (request, forward) =>
      request.method === 'POST' ? answer() : forward(),
    );
    const options = { staffUserId, from: 'in-progress', resend: 'never' } as const;
    const outcome = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', options));
    expect(['refused', 'not-sent']).toContain(outcome.kind);
    expect(outcome.attempts).toBe(1);
    expect(sandbox.systemMessages).toEqual([]);
  });

  test.each(answers)('%s, and it was applied', async (_, answer) => {
    const { clock, workflow, sandbox } = setUp({}, async (request, forward) => {
      const response = await forward();
      return request.method === 'POST' ? answer() : response;
    });
    const options = { staffUserId, from: 'in-progress' } as const;
    const outcome = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', options));
    expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation', attempts: 1 });
    expect(sandbox.systemMessages).toHaveLength(1);
  });
});

test.each([
  { success: true },
  { success: true, data: null, error: null },
  message('Status changed to resolved'),
  message('STATUS CHANGED TO "Resolved"'),
  { success: true, data: { message: 7 } },
])('%j proves it', async (body) => {
  const { clock, workflow } = setUp({}, async () => Response.json(body));
  const options = { staffUserId, from: 'in-progress' } as const;
  const outcome = await clock.run(workflow.apply('T-in-progress', 'RESOLVE', options));
  expect(outcome).toMatchObject({ kind: 'confirmed', by: 'response', attempts: 1 });
});

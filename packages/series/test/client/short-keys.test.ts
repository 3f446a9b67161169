import { expect, test } from 'vitest';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;
const plain = 'sk-live-1234';
// Each occurs in a message of the API, or in the JSON around it.
const keys = [
  'k',
  'e',
  'o',
  't',
  'Ticket',
  'open',
  'in-progress',
  'status',
  'Status',
  'success',
  'true',
  '200',
  '404',
  'changed',
  '"',
];

/** What the API may say, and what becomes of a change then. */
const answers = {
  'unknown ticket': [404, 'Ticket not found'],
  'invalid status': [400, 'Invalid status. Must be one of: open'],
  'already claimed': [400, 'Ticket already claimed'],
  'not claimed': [400, 'Ticket is not claimed'],
  subscription: [403, 'Premium or Enterprise subscription required'],
  'module off': [403, 'Tickets module is not enabled'],
  'wrong key': [401, 'Invalid API key'],
} as const;

/** Everything that a verdict consists of, without the texts. */
async function verdicts(apiKey: string) {
  const found: unknown[] = [];
  for (const [status, message] of Object.values(answers)) {
    const no = () =>
      Response.json({ success: false, error: { code: status, message } }, { status });
    const { clock, client, workflow } = setUp({}, async () => no(), {}, { apiKey });
    const error: unknown = await clock.run(client.getTicket('T-open').catch((e: unknown) => e));
    const read = await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
    const sent = await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    found.push((error as { readonly code: unknown }).code);
    for (const outcome of [read, sent]) {
      const { code } = ('error' in outcome ? outcome.error : {}) as { readonly code?: unknown };
      const blockers = outcome.kind === 'blocked' ? outcome.blockers.map((one) => one.code) : [];
      found.push([outcome.kind, code, blockers]);
    }
  }
  for (const said of ['in-progress', '"in-progress"', 'open', 'closed']) {
    const yes = { success: true, data: { message: `Status changed to ${said}` } };
    const { clock, workflow } = setUp(
      {},
      async (request, forward) => (request.method === 'POST' ? Response.json(yes) : forward()),
      {},
      { apiKey },
    );
    const sent = await clock.run(workflow.apply('T-open', 'START', { staffUserId, from: 'open' }));
    found.push([said, sent.kind, 'error' in sent && 'reason' in sent.error && sent.error.reason]);
  }
  const { clock, workflow } = setUp({}, undefined, {}, { apiKey });
  const seen = await clock.run(workflow.observe('T-in-progress'));
  found.push(seen.status, seen.state);
  return found;
}

test.each(keys)('the key %j, which occurs in messages, changes no verdict', async (apiKey) => {
  expect(await verdicts(apiKey)).toEqual(await verdicts(plain));
});

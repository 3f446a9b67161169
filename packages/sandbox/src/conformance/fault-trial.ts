import type { FaultKind } from '../faults/fault-kinds.ts';
import { startSandbox } from '../start-sandbox.ts';
import { askFor, connectTo, type ClientVerdict, type ConformanceAdapter } from './adapter.ts';
import { findStrays, isRead, judgeChange, letFinish } from './judge-change.ts';
import { startRedirectTarget } from './redirect-target.ts';

/**
 * How a client came through a fault; of several results, the worst.
 *
 * - `survived`: changed exactly once, or rightly not at all, and it says so
 * - `in doubt`: it says that it does not know
 * - `lost`: not changed, though the fault was over at once and sending again was safe
 * - `wrong`: it says that it changed what it did not, or the other way round; or it did something
 *   else than asked, sent it after its verdict, or gave no verdict: see `problems`
 * - `duplicated`: written more than once, so that people saw more than one message
 * - `hung`: no word within the deadline
 * - `key leaked`: the API key went to another host
 */
export type FaultResult =
  | 'survived'
  | 'in doubt'
  | 'lost'
  | 'wrong'
  | 'duplicated'
  | 'hung'
  | 'key leaked';

/** One change of one ticket that met one fault. */
export interface FaultTrial {
  readonly fault: FaultKind;
  readonly result: FaultResult;
  readonly verdict: ClientVerdict | 'hung' | 'none';
  /** Requests that the server saw, reads included. */
  readonly requests: number;
  /** How often the server wrote what was asked for. */
  readonly writes: number;
  /** Whether something was wrong, whatever the result says. */
  readonly wrong: boolean;
  /** What it did wrong, apart from a verdict that says the contrary of what happened. */
  readonly problems: readonly string[];
  readonly tookMs: number;
}

export interface TrialOptions {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly watchMs: number;
}

// After these a client that reports "not changed" has done all that it should.
const final: ReadonlySet<FaultKind> = new Set<FaultKind>([
  '401',
  '403-subscription',
  '403-module',
  '403-unheard-of',
  '404',
  '409',
  'success-false',
  'changed-nothing',
  'redirect-elsewhere',
  'deleted-meanwhile',
]);

const apiKey = 'the-key-of-the-suite';
const change = { ticketId: 'T-1', from: 'open', status: 'in-progress', staffUserId: 7 } as const;

/** Lets a client change one ticket while its first write meets a fault. */
export async function tryFault(
  adapter: ConformanceAdapter,
  fault: FaultKind,
  options: TrialOptions,
): Promise<FaultTrial> {
  const { timeoutMs, deadlineMs } = options;
  const elsewhere = await startRedirectTarget(apiKey);
  const { url, sandbox, close } = await startSandbox({
    // The others are there to be changed by mistake.
    tickets: [change.ticketId, 'T-2', 'T-3'].map((ticketId) => ({ ticketId, status: change.from })),
    redirectTo: elsewhere.url,
  });
  const target = { baseUrl: url, apiKey, timeoutMs, requestsPerSecond: 25 };
  const client = connectTo(adapter, target);
  const isMet = () => sandbox.requests.some((request) => request.fault === fault);
  // A client that reads first would lose a read, and no change. Only what is next in line is refused.
  if (fault === 'connection-refused') sandbox.faults.next(1, fault);
  else sandbox.faults.when(({ method }) => (isRead(method) || isMet() ? undefined : fault));
  const startedAt = performance.now();
  const word = await askFor(client, change, deadlineMs);
  const tookMs = performance.now() - startedAt;
  const atTheEnd = await letFinish({ sandbox, client }, options);
  const judged = judgeChange(change, word, sandbox.requests);
  const strays = findStrays([change], sandbox, apiKey);
  // A client that writes nothing comes to no harm, and proves nothing.
  const saysNo = word.verdict === 'not-changed';
  const idle = saysNo && final.has(fault) && !isMet() ? ['sent no change'] : [];
  const problems = [...judged.problems, ...strays, ...idle, ...atTheEnd];
  await close();
  await elsewhere.close();
  const { verdict } = word;
  const { writes } = judged;
  const wrong = judged.wrong || problems.length > 0;
  const facts = { verdict, writes, wrong, keyLeaked: elsewhere.hasReceivedKey() };
  return {
    fault,
    result: resultOf(facts, final.has(fault)),
    verdict,
    requests: sandbox.requests.length,
    writes,
    wrong,
    problems,
    tookMs,
  };
}

interface Facts extends Pick<FaultTrial, 'verdict' | 'writes' | 'wrong'> {
  readonly keyLeaked: boolean;
}

function resultOf({ verdict, writes, wrong, keyLeaked }: Facts, isFinal: boolean): FaultResult {
  if (keyLeaked) return 'key leaked';
  if (writes > 1) return 'duplicated';
  if (wrong) return 'wrong';
  if (verdict === 'hung') return 'hung';
  if (verdict === 'unknown') return 'in doubt';
  return writes === 1 || isFinal ? 'survived' : 'lost';
}

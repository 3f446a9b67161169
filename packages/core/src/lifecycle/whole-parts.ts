import { checkGraph } from '../definition/check-graph.ts';
import type { NodeConfig } from '../definition/check-nodes.ts';
import { deadlinesOf } from '../definition/deadlines.ts';
import type { CompiledMachine, CompileParts } from '../definition/compile.ts';
import { createEdgeNoter } from './edge-notes.ts';
import type { FaultList } from '../definition/fault-list.ts';
import { faultSentences } from '../definition/fault-sentences.ts';
import { checkDuePayloads } from './check-due-payloads.ts';
import { checkMessages } from './check-messages.ts';
import type { ReadOptions } from '../definition/lifecycle-options.ts';
import { checkStart, mendConfig } from '../definition/mend-config.ts';
import type { ReadDefinition } from '../definition/read-definition.ts';
import type { NameHelp } from '../blockers.ts';
import { nameHelp } from '../nearest-name.ts';
import { readSla, type Sla } from '../sla/read-sla.ts';

/** What `defineLifecycle` does besides, and a page that only asks need not pay for. */
export interface WholeParts<More = Sla> extends CompileParts {
  readonly mendConfig?: typeof mendConfig;
  readonly nameHelp?: NameHelp;
  /** Checks and reads more of a machine than a lean lifecycle needs. */
  readonly readMore?: (
    read: ReadDefinition,
    compiled: CompiledMachine,
    options: ReadOptions,
    faults: FaultList,
  ) => More;
}

/**
 * All parts. Without them a definition that would make an answer wrong is refused all the same, by
 * the codes and places of its faults; unreachable states, dead ends and deadlines are not looked at.
 */
export const wholeParts: WholeParts = {
  sentences: faultSentences,
  mendConfig,
  nameHelp,
  readMore(read, compiled, { guardMessages, payloads }, faults) {
    checkStart(read.machine.config as object as NodeConfig, faults.report);
    checkMessages(guardMessages, read, compiled, faults.report);
    checkDuePayloads(compiled, payloads, faults.report);
    return readSla(read.machine, faults.note);
  },
  createEdgeNoter,
  readDeadlines: deadlinesOf,
  checkGraph,
};

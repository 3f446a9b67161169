import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { actionsOf, builtInName } from '../definition/check-actions.ts';
import type { EdgeNotes, EdgeNoter, Meta } from '../definition/compile.ts';
import type { NodeConfig } from '../definition/check-nodes.ts';
import { frozenCopy } from '../definition/guard-params.ts';
import { isRecord } from '../values.ts';

/** Prepares reading what a transition says of itself, beyond where it leads. */
export function createEdgeNoter(machine: AnyStateMachine): EdgeNoter {
  const assigns = (actions: unknown) =>
    actionsOf(machine, actions).some((action) => builtInName(action) === 'assign');
  const assigning = (kind: 'entry' | 'exit') =>
    [machine.root, ...Object.values<AnyStateNode>(machine.root.states)].filter((node) =>
      assigns((node.config as NodeConfig)[kind]),
    );
  const [entering, leaving] = [assigning('entry'), assigning('exit')];

  return (transition: AnyTransitionDefinition, from: AnyStateNode): EdgeNotes => {
    const { actions, target, meta, description } = transition as AnyTransitionDefinition & {
      description?: string | undefined;
    };
    const isPassing = leaving.includes(from) || entering.some((node) => node === target?.[0]);
    return {
      assigns: assigns(actions) || isPassing,
      meta: isRecord(meta) ? frozenCopy<Meta>({ ...meta }) : undefined,
      description,
    };
  };
}

import { LifecycleDefinitionError, type DefinitionFault } from '../errors.ts';

/** Notes one fault of a definition and goes on, so that all of them come at once. */
export type ReportFault = (path: string, code: string, message: string) => void;

/** A list of faults that grows while a definition is read. */
export interface FaultList {
  readonly report: ReportFault;
  readonly isEmpty: () => boolean;
  /** One error that holds all faults. */
  readonly toError: (headline?: string) => LifecycleDefinitionError;
}

export function createFaultList(): FaultList {
  // Keyed by its text: a fault of the machine's own transitions would come once for each state.
  const faults = new Map<string, DefinitionFault>();
  return {
    report: (path, code, message) => faults.set(`${path}: ${message}`, { code, path, message }),
    isEmpty: () => faults.size === 0,
    toError: (headline) => new LifecycleDefinitionError([...faults.values()], { headline }),
  };
}

export type {
  ClientVerdict,
  ConformanceAdapter,
  ConformanceClient,
  ConformanceTarget,
  RequestedChange,
} from './adapter.ts';
export type { FaultResult, FaultTrial } from './fault-trial.ts';
export type { LoadTrial } from './load-trial.ts';
export { conformanceMarkdown } from './markdown.ts';
export {
  type ClientReport,
  type ConformanceOptions,
  type ConformanceReport,
  runConformance,
} from './run.ts';

import { answerAsChild } from '../child.ts';
import { bytesPerWaiting, microsecondsPerTask, millisecondsToAbort } from './measures.ts';
import type { QueueName } from './queues.ts';

export interface OverheadQuestion {
  readonly name: QueueName;
  readonly measure: keyof typeof measures;
  readonly count: number;
}

const measures = {
  microseconds: microsecondsPerTask,
  bytes: bytesPerWaiting,
  abort: millisecondsToAbort,
};

answerAsChild(async ({ name, measure, count }: OverheadQuestion) => measures[measure](name, count));

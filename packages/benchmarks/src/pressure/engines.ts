import type { Engine } from './engine.ts';
import { graphileWorker } from './graphile-worker.ts';
import { pgBoss } from './pg-boss.ts';
import { ticketLifecycle } from './ticket-lifecycle.ts';

export const engines: readonly Engine[] = [ticketLifecycle, pgBoss, graphileWorker];

export const ours = ticketLifecycle;

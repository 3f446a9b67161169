import { createMemoryStore } from '../../src/memory/memory-store.ts';
import { networkContract } from '../support/network-contract.ts';

const open = async () =>
  createMemoryStore({ requestsPerSecond: 25, pace: 'burst', timeoutMs: 500 });
networkContract('in memory', open);

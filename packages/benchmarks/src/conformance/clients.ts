import { ticketLifecycle } from '@ticket-lifecycle/core';
import type {
  ClientVerdict,
  ConformanceAdapter,
  ConformanceTarget,
  RequestedChange,
} from '@ticket-lifecycle/sandbox/conformance';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import { create as createAxios } from 'axios';
import axiosRetry, { exponentialDelay } from 'axios-retry';
import Bottleneck from 'bottleneck';
import got from 'got';
import ky, { type Options } from 'ky';
import PQueue from 'p-queue';

// Each as its documentation shows it: what is not needed to make the call is left as it comes.

const urlOf = ({ baseUrl }: ConformanceTarget, { ticketId }: RequestedChange) =>
  `${baseUrl}/tickets/${ticketId}/status`;
const bodyOf = ({ status, staffUserId }: RequestedChange) => ({ status, staffUserId });

async function plainFetch(
  target: ConformanceTarget,
  change: RequestedChange,
): Promise<ClientVerdict> {
  const response = await fetch(urlOf(target, change), {
    method: 'POST',
    headers: { apikey: target.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(bodyOf(change)),
    signal: AbortSignal.timeout(target.timeoutMs),
  });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  await response.json();
  return 'changed';
}

/** A client that keeps nothing from one change to the next. */
const stateless = (
  name: string,
  send: (target: ConformanceTarget, change: RequestedChange) => Promise<unknown>,
): ConformanceAdapter => ({
  name,
  connect: (target) => ({
    async changeStatus(change) {
      await send(target, change);
      return 'changed';
    },
  }),
});

const kyWith = (name: string, options: Options) =>
  stateless(name, (target, change) =>
    ky
      .post(urlOf(target, change), {
        headers: { apikey: target.apiKey },
        json: bodyOf(change),
        timeout: target.timeoutMs,
        ...options,
      })
      .json(),
  );

const axiosWithRetry: ConformanceAdapter = {
  name: 'axios + axios-retry',
  connect(target) {
    const client = createAxios({
      headers: { apikey: target.apiKey },
      timeout: target.timeoutMs,
    });
    axiosRetry(client, { retryDelay: (count) => exponentialDelay(count) });
    return {
      async changeStatus(change) {
        await client.post(urlOf(target, change), bodyOf(change));
        return 'changed';
      },
    };
  },
};

const gotDefaults = stateless('got', (target, change) =>
  got
    .post(urlOf(target, change), {
      headers: { apikey: target.apiKey },
      json: bodyOf(change),
      timeout: { request: target.timeoutMs },
    })
    .json(),
);

const pQueue: ConformanceAdapter = {
  name: 'p-queue + fetch',
  connect(target) {
    const queue = new PQueue({ interval: 1000, intervalCap: target.requestsPerSecond });
    return { changeStatus: (change) => queue.add(() => plainFetch(target, change)) };
  },
};

const bottleneck: ConformanceAdapter = {
  name: 'bottleneck + fetch',
  connect(target) {
    const limiter = new Bottleneck({
      reservoir: target.requestsPerSecond,
      reservoirRefreshAmount: target.requestsPerSecond,
      reservoirRefreshInterval: 1000,
    });
    return {
      changeStatus: (change) => limiter.schedule(() => plainFetch(target, change)),
      close: () => limiter.disconnect(),
    };
  },
};

/** Ours, as its README shows it or with every success read back. */
export const seriesWith = (name: string, options: { verify?: boolean }): ConformanceAdapter => ({
  name,
  connect({ baseUrl, apiKey, timeoutMs, requestsPerSecond }) {
    const client = createSeriesClient({ baseUrl, apiKey, timeoutMs, requestsPerSecond });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, ...options });
    return {
      async changeStatus({ ticketId, from, status, staffUserId }) {
        const [event] = ticketLifecycle.eventsBetween(from, status);
        if (event === undefined) throw new Error(`No event leads from ${from} to ${status}.`);
        const { kind } = await workflow.apply(ticketId, event, { staffUserId, from });
        if (kind === 'unknown') return kind;
        return kind === 'confirmed' || kind === 'unchanged' ? 'changed' : 'not-changed';
      },
      close: () => workflow.close(),
    };
  },
});

/** The clients that are measured, ours last. */
export const conformanceClients: readonly ConformanceAdapter[] = [
  stateless('fetch', plainFetch),
  kyWith('ky', {}),
  kyWith('ky, post retried', { retry: { methods: ['post'] } }),
  axiosWithRetry,
  gotDefaults,
  pQueue,
  bottleneck,
  seriesWith('@ticket-lifecycle/series', {}),
];

import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import type { ConformanceAdapter } from '@ticket-lifecycle/sandbox/conformance';
import { createSeriesClient, createTicketWorkflow } from '@ticket-lifecycle/series';
import OpenAI from 'openai';
import { conformanceClients } from './conformance-clients.ts';

// Its own pauses of up to nine seconds are shortened; what it retries is left as it comes.
const shortened = { retryAfterBaseValue: 100 };

const octokit: ConformanceAdapter = {
  name: 'octokit + plugin-retry',
  connect({ baseUrl, apiKey, timeoutMs }) {
    const inTime: typeof fetch = (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    // What it does is measured, so it need not be said on the console as well.
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const client = new (Octokit.plugin(retry))({
      baseUrl,
      log,
      retry: shortened,
      request: { fetch: inTime },
    });
    return {
      async changeStatus({ ticketId, status, staffUserId }) {
        const headers = { apikey: apiKey };
        const body = { ticketId, status, staffUserId, headers };
        await client.request('POST /tickets/{ticketId}/status', body);
      },
    };
  },
};

const openai: ConformanceAdapter = {
  name: 'openai',
  connect({ baseUrl, apiKey, timeoutMs }) {
    const defaultHeaders = { apikey: apiKey };
    const client = new OpenAI({ baseURL: baseUrl, apiKey, timeout: timeoutMs, defaultHeaders });
    return {
      async changeStatus({ ticketId, status, staffUserId }) {
        await client.post(`/tickets/${ticketId}/status`, { body: { status, staffUserId } });
      },
    };
  },
};

const events = {
  open: 'REOPEN',
  'in-progress': 'START',
  resolved: 'RESOLVE',
  closed: 'CLOSE',
} as const;

/** Ours as it is when every success is read back. */
const verifying: ConformanceAdapter = {
  name: '@ticket-lifecycle/series, verify',
  connect({ baseUrl, apiKey, timeoutMs, requestsPerSecond }) {
    const client = createSeriesClient({ baseUrl, apiKey, timeoutMs, requestsPerSecond });
    const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, verify: true });
    return {
      async changeStatus({ ticketId, from, status, staffUserId }) {
        const { kind } = await workflow.apply(ticketId, events[status], { staffUserId, from });
        if (kind === 'unknown') return kind;
        return kind === 'confirmed' || kind === 'unchanged' ? 'changed' : 'not-changed';
      },
      close: () => workflow.close(),
    };
  },
};

const compared = ['ky', 'got', 'axios + axios-retry', '@ticket-lifecycle/series'];

/** The clients whose retries are compared, ours last. */
export const retryingClients: readonly ConformanceAdapter[] = [
  octokit,
  openai,
  ...conformanceClients.filter(({ name }) => compared.includes(name)),
  verifying,
];

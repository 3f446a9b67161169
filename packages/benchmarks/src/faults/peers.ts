import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import type { ConformanceAdapter } from '@ticket-lifecycle/sandbox/conformance';
import OpenAI from 'openai';
import { conformanceClients, seriesWith } from '../conformance/clients.ts';

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
        return 'changed';
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
        return 'changed';
      },
    };
  },
};

const compared = ['ky', 'got', 'axios + axios-retry', '@ticket-lifecycle/series'];

/** The clients whose retries are compared, ours last. */
export const retryingClients: readonly ConformanceAdapter[] = [
  octokit,
  openai,
  ...conformanceClients.filter(({ name }) => compared.includes(name)),
  seriesWith('@ticket-lifecycle/series, verify', { verify: true }),
];

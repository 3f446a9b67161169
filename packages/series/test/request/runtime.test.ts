import { describe, expect, onTestFinished, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { createSeriesClient } from '../../src/index.ts';
import { repeatingRuntime, userAgent } from '../../src/request/runtime.ts';
import { startServer, success } from '../support/server.ts';

const node = { process: { versions: { node: '24.0.0' } } };
const document = {};

test.each<[string, object, string | undefined]>([
  ['Node.js', node, undefined],
  ['Bun', { process: { versions: { node: '24.0.0', bun: '1.4.5' } }, Bun: {} }, undefined],
  ['Node.js with a DOM, as in tests', { ...node, document }, undefined],
  ['Electron', { process: { versions: { node: '24.0.0', electron: '40' } } }, undefined],
  [
    'the main process of Electron',
    { process: { type: 'browser', versions: { node: '24.0.0', electron: '40' } } },
    undefined,
  ],
  [
    'a page of Electron with the modules of Node.js',
    { document, process: { type: 'renderer', versions: { node: '24.0.0', electron: '40' } } },
    'an Electron page',
  ],
  [
    'a web worker of Electron with the modules of Node.js',
    { process: { type: 'worker', versions: { node: '24.0.0', electron: '40' } } },
    'an Electron page',
  ],
  [
    'a page of NW.js',
    { document, process: { versions: { node: '24.0.0', nw: '0.100.0' } } },
    'an NW.js page',
  ],
  ['React Native', { navigator: { product: 'ReactNative' } }, 'React Native'],
  [
    'React Native with a bundled process',
    { navigator: { product: 'ReactNative' }, process: { versions: { node: '24.0.0' } } },
    'React Native',
  ],
  ['Deno', { process: { versions: { node: '24.0.0' } }, Deno: {} }, 'Deno'],
  ['a browser', { document, navigator: {} }, 'a browser'],
  ['a browser with a bundled process', { document, process: { env: {} } }, 'a browser'],
  ['a web worker', { WorkerGlobalScope: () => {}, navigator: {} }, 'a web worker'],
  [
    'a service worker with a bundled process',
    { WorkerGlobalScope: () => {}, process: {} },
    'a web worker',
  ],
])('whether the fetch of %s may send a change twice', (_, globals, expected) => {
  expect(repeatingRuntime(globals)).toBe(expected);
});

describe('where fetch may send a change twice', () => {
  test('a client needs a fetch of its own', () => {
    vi.stubGlobal('Deno', {});
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    expect(() => createSeriesClient({ apiKey: 'key' })).toThrow(
      'createSeriesClient: the fetch of Deno may send a change twice by itself.',
    );
    expect(() =>
      createSeriesClient({ apiKey: 'key', fetch: async () => new Response() }),
    ).not.toThrow();
  });
});

describe('the user agent', () => {
  test('is that of this package', async () => {
    await using server = await startServer(success('ok'));
    const client = createSeriesClient({ apiKey: 'key', baseUrl: server.url });
    await client.changeStatus({ ticketId: 'T-1', status: 'open', staffUserId: 1 });
    const { version } = packageJson;
    expect(server.seen[0]?.headers['user-agent']).toBe(`ticket-lifecycle-series/${version}`);
  });

  test('is left to a browser', () => {
    expect(userAgent({ document })).toEqual({});
  });
});

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const file = fileURLToPath(new URL('hover.ts', import.meta.url));
const code = `
import { defineLifecycle, ticketLifecycle, type LifecycleConfig } from '../src/index.ts';
import { defineLeanLifecycle, leanTicketLifecycle } from '../src/lifecycle/lean.ts';
import { setup } from 'xstate';
import * as z from 'zod';

const standard = ticketLifecycle;
const leanStandard = leanTicketLifecycle;

const machine = setup({ guards: { isLead: () => true } }).createMachine({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress' } },
    'in-progress': { on: { RESOLVE: { target: 'resolved', guard: 'isLead' } } },
    resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
    closed: { on: { REOPEN: 'open' } },
  },
});
const fromMachine = defineLifecycle(machine);
const leanFromMachine = defineLeanLifecycle(machine);

const fromTypedMachine = defineLifecycle(
  setup({
    types: {
      context: {} as { role: string },
      events: {} as { type: 'CLOSE'; reason: string } | { type: 'REOPEN' },
    },
    guards: { isLead: ({ context }) => context.role === 'lead' },
  }).createMachine({
    context: { role: 'agent' },
    initial: 'open',
    states: {
      open: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
      closed: { on: { REOPEN: 'open' } },
    },
  }),
);

const states = {
  open: { on: { START: 'in-progress' } },
  'in-progress': { on: { RESOLVE: 'resolved' } },
  resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
  closed: { on: { REOPEN: 'open' } },
};
const fromConfig = defineLifecycle({ initial: 'open', states });
const leanFromConfig = defineLeanLifecycle({ initial: 'open', states });
const withPayload = defineLifecycle(
  { initial: 'open', states },
  { payloads: { CLOSE: z.object({ reason: z.string() }) } },
);

declare const config: LifecycleConfig;
const fromFile = defineLifecycle(config);
`;

/** What an editor shows of each constant of the code above, when the pointer rests on its name. */
function hovers(): ReadonlyMap<string, string> {
  const base = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
  const { config } = ts.readConfigFile(base, (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const read = (path: string) => (path === file ? code : ts.sys.readFile(path));
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: (path) => ts.sys.directoryExists(path),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  });
  const faults = service.getSemanticDiagnostics(file);
  expect(faults.map(({ messageText }) => messageText)).toEqual([]);
  return new Map(
    [...code.matchAll(/^const (\w+) = (?:define|\w*ticketLifecycle)/gim)].map((found) => {
      const info = service.getQuickInfoAtPosition(file, found.index + 'const '.length);
      return [found[1] ?? '', ts.displayPartsToString(info?.displayParts)];
    }),
  );
}

describe('an editor shows a lifecycle in words', () => {
  const shown = hovers();

  test.each([...shown])('%s', (name, text) => {
    expect(text).toMatch(new RegExp(`^const ${name}: (Lean)?Lifecycle<`));
    expect(text.length > 200 ? text : '').toBe('');
    expect(text).not.toMatch(/StateMachine|readonly |\.\.\./);
    if (name !== 'fromFile') expect(text).toContain('"open" | ');
  });

  test('each way to define one is tried', () => {
    expect([...shown.keys()]).toEqual([
      'standard',
      'leanStandard',
      'fromMachine',
      'leanFromMachine',
      'fromTypedMachine',
      'fromConfig',
      'leanFromConfig',
      'withPayload',
      'fromFile',
    ]);
  });

  test('events that carry nothing are shown by their names', () => {
    expect(shown.get('fromConfig')).toContain(
      'NamedEvent<"START" | "RESOLVE" | "CLOSE" | "REOPEN">',
    );
    expect(shown.get('withPayload')).toContain('NamedEvent<"CLOSE"> & {\n    reason: string;\n}');
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { describe, expect, test } from 'vitest';
import * as core from '../src/index.ts';

const execFileAsync = promisify(execFile);
const packageDir = new URL('..', import.meta.url).pathname;

/** What a page gets that imports some names, as a script that leaves them in `core`. */
async function bundle(names: string, from: string): Promise<string> {
  const page = 'page';
  const build = await rolldown({
    input: page,
    platform: 'browser',
    resolve: {
      conditionNames: ['@ticket-lifecycle/source', 'browser', 'module', 'import', 'default'],
    },
    plugins: [
      {
        name: page,
        resolveId(id, importer) {
          if (id === page) return page;
          return importer === page ? this.resolve(id, `${packageDir}page.js`) : null;
        },
        load: (id) => (id === page ? `export { ${names} } from '${from}';` : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'iife', name: 'core' });
  return output[0].code;
}

// Nothing that a browser or Node adds to the language: no console, timer, network or process.
const runBare = (script: string, ask: string): unknown =>
  runInContext(`${script}; JSON.stringify(${ask})`, createContext(Object.create(null)));

describe('a bundle for a browser', () => {
  test('needs nothing but the language', async () => {
    const all = Object.keys(core).join(', ');
    const script = await bundle(all, '@ticket-lifecycle/core');
    expect(runBare(script, `core.ticketLifecycle.explain('open', 'START')`)).toBe(
      '{"allowed":true,"from":"open","to":"in-progress","event":"START","status":"in-progress","changesStatus":true}',
    );
    expect(runBare(script, `core.ticketLifecycle.plan('open', 'closed').steps.length`)).toBe('3');
    const due = `core.defineLifecycle({ initial: 'resolved', states: {
      resolved: { meta: { due: { after: 'P1M', event: 'CLOSE' } }, on: { CLOSE: 'closed' } },
      closed: { type: 'final' } } }).deadlines('resolved', '2028-01-31T00:00:00Z')[0].at`;
    expect(runBare(script, due)).toBe('"2028-02-29T00:00:00.000Z"');
  });

  test('that only asks holds no plan, history, deadline, migration or test kit', async () => {
    const whole = await bundle('defineLifecycle, defineMigration', '@ticket-lifecycle/core');
    const lean = await bundle('leanTicketLifecycle', '@ticket-lifecycle/core/lean');
    expect(runBare(lean, `core.leanTicketLifecycle.can('open', 'START')`)).toBe('true');
    for (const mark of [
      'already-there',
      'kind: "jump"',
      'enteredAt',
      'unknown-clock',
      'not a migration',
    ]) {
      expect(whole).toContain(mark);
      expect(lean).not.toContain(mark);
    }
    expect(lean).not.toContain('toAllow');
    // Nor zod, which only parses what comes from outside.
    expect(lean).not.toContain('ZodMiniEnum');
  });

  test('of the whole lifecycle leaves out the migration that nobody uses, and zod', async () => {
    const script = await bundle('ticketLifecycle', '@ticket-lifecycle/core');
    expect(script).not.toContain('not a migration');
    expect(script).not.toContain('ZodMiniEnum');
    expect(await bundle('ticketStatusSchema', '@ticket-lifecycle/core')).toContain('ZodMiniEnum');
  });
});

test('it runs where nobody may change what JavaScript comes with', async () => {
  const code = `
    import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
    import { journalEntry } from '@ticket-lifecycle/core/journal';
    import { inTimeZone } from '@ticket-lifecycle/core/time-zone';

    let isFrozen = false;
    try { Array.prototype.pop = null; } catch { isFrozen = true; }
    const lifecycle = defineLifecycle({
      initial: 'resolved',
      states: {
        resolved: { meta: { due: { after: 'P1M', event: 'CLOSE' } }, on: { CLOSE: 'closed' } },
        closed: { type: 'final' },
      },
    });
    const at = new Date('2028-01-31T00:00:00Z');
    const verdict = ticketLifecycle.explain('open', 'CLOSE');
    console.log(JSON.stringify([
      isFrozen,
      lifecycle.due('resolved', at, '2028-02-29T00:00:00Z'),
      lifecycle.due('resolved', at, at, { calendar: inTimeZone('Europe/Berlin') }),
      journalEntry(ticketLifecycle, verdict, { ticketId: 'T-1', by: 1, at }).decided.allowed,
      ticketLifecycle.replay(['open', 'closed']).counts.path,
      ticketLifecycle.plan('closed', 'resolved').kind,
    ]));
  `;
  const flags = ['--frozen-intrinsics', '--conditions=@ticket-lifecycle/source'];
  const node = execFileAsync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd: packageDir,
  });
  expect(JSON.parse((await node).stdout)).toEqual([true, ['CLOSE'], [], false, 1, 'plan']);
});

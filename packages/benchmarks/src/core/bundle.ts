import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { median } from '../median.ts';

const here = import.meta.dirname;

/** What code pays for what it imports: minified and compressed, in kilobytes of 1,000 bytes. */
export async function gzipKb(
  code: string,
  platform: 'browser' | 'node' = 'browser',
): Promise<number> {
  const page = 'page';
  const build = await rolldown({
    input: page,
    platform,
    plugins: [
      {
        name: page,
        // As if the page lay here, where the packages can be found.
        resolveId(id, importer) {
          return importer === page ? this.resolve(id, `${here}/page.js`) : id === page ? id : null;
        },
        load: (id) => (id === page ? code : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false });
  return gzipSync(output[0].code, { level: 9 }).length / 1000;
}

/** How long a fresh process takes to import a package, beyond what starting takes, in ms. */
export function coldImportMs(specifier: string): number {
  const samples = Array.from({ length: 7 }, () => {
    const code = `const t = performance.now(); await import('${specifier}'); console.log(performance.now() - t);`;
    const { stdout, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', code],
      { cwd: here, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`${specifier} cannot be imported`);
    return Number(stdout);
  });
  return median(samples);
}

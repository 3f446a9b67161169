import type { Plugin } from 'esbuild';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * Writes the licenses of all that a bundle takes in beside it: most ask that whoever passes their
 * code on passes them on too.
 */
export function bundledLicenses(file: string): Plugin {
  return {
    name: 'bundled-licenses',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const inputs = Object.keys(metafile?.inputs ?? {});
        const folders = new Set(inputs.flatMap((input) => packageFolder.exec(input)?.[0] ?? []));
        const texts = [...folders].map(licenseOf).toSorted();
        // The bundle itself is written after this.
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, texts.join(`\n${'-'.repeat(80)}\n\n`));
      });
    },
  };
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as { readonly name: string; readonly version: string; readonly license: string };
  const texts = readdirSync(folder).filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
  if (texts.length === 0) throw new Error(`${name} ${version} comes without its license.`);
  const read = texts.map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  return `${name} ${version} (${license})\n\n${read.join('\n\n')}\n`;
}

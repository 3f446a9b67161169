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
  const { name, version, license, licenses } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
    /** As packages of npm's first years have it. */
    readonly licenses?: readonly { readonly type: string }[];
  };
  const called = license ?? licenses?.map(({ type }) => type).join(' or ');
  const entries = readdirSync(folder);
  const files = entries.filter((entry) => /^(licen[cs]e|notice)/i.test(entry));
  const texts = files.map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  if (texts.length === 0) texts.push(...entries.flatMap((entry) => licenseInReadme(folder, entry)));
  if (texts.length === 0 || called === undefined) {
    throw new Error(`${name} ${version} comes without its license.`);
  }
  return `${name} ${version} (${called})\n\n${texts.join('\n\n')}\n`;
}

/** Small packages say in the README who holds the rights, and under which license. */
function licenseInReadme(folder: string, entry: string): string[] {
  if (!/^readme\b/i.test(entry)) return [];
  const section = /^(?:#+ *)?licen[cs]e\b.*$[^]*/im.exec(readFileSync(join(folder, entry), 'utf8'));
  return section !== null && /copyright/i.test(section[0]) ? [section[0].trim()] : [];
}

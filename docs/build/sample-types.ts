import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';
import { examplesOf, type Example } from '../../.ci/run-examples.ts';
import { docsDir, handwrittenPages, publishedPackages, rootDir } from './places.ts';

/** How samples are read: as strictly as our own code. */
export function sampleCompilerOptions(): ts.CompilerOptions {
  const path = `${docsDir}tsconfig.samples.json`;
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (fault: ts.Diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(fault.messageText, '\n'));
    },
  };
  return ts.getParsedCommandLineOfConfigFile(path, {}, host)?.options ?? {};
}

/** Every sample of the pages that are written by hand, of the READMEs, and of the reference. */
export async function allSamples(): Promise<Example[]> {
  const files = [
    ...handwrittenPages().map((page) => `${docsDir}${page}`),
    `${rootDir}README.md`,
    ...publishedPackages().flatMap((name) => [
      `${rootDir}packages/${name}/README.md`,
      ...readdirSync(`${rootDir}packages/${name}/src`, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => `${rootDir}packages/${name}/src/${file}`),
    ]),
  ];
  const samples = (await Promise.all(files.map(examplesOf))).flat();
  return samples.map((sample) => ({ ...sample, file: relative(rootDir, sample.file) }));
}

/**
 * Type-checks samples in one program, and names each fault with the line of its page. Each sample
 * is a module that lies in its package, or else in the folder of the site, and so imports what a
 * reader would.
 */
export function typeFaultsOf(samples: readonly Example[]): string[] {
  const files = new Map(
    samples.map((sample, index) => {
      const [packageDir = 'docs/'] = /^packages\/[^/]+\//.exec(sample.file) ?? [];
      return [`${rootDir}${packageDir}sample-${index}.ts`, sample];
    }),
  );
  const options = sampleCompilerOptions();
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  // With an import or not, a sample is a module: it may await, and its names are its own.
  host.readFile = (path) => {
    const code = files.get(path)?.code;
    return code === undefined ? ts.sys.readFile(path) : `${code}\nexport {};\n`;
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, { file, line }]) => {
    const source = program.getSourceFile(path);
    const faults = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return faults.map(({ messageText, start = 0 }) => {
      const within = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      return `${file}:${line + within}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

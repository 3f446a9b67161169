import { Application, Converter, ReflectionKind } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { docsDir, publishedPackages, rootDir } from './places.ts';

/** Writes the API reference, one folder of pages for each package, from the sources' TSDoc. */
export async function writeApi(): Promise<void> {
  const options: Partial<PluginOptions> & { docsRoot: string } = {
    docsRoot: docsDir,
    // One page for a package: found by a search in the page, and linked by a heading.
    outputFileStrategy: 'modules',
    pageTitleTemplates: { module: ({ name }) => `@ticket-lifecycle/${name}` },
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideSources: true },
  };
  const app = await Application.bootstrapWithPlugins({
    entryPoints: publishedPackages().map((name) => `${rootDir}packages/${name}/src/index.ts`),
    tsconfig: `${docsDir}tsconfig.api.json`,
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    out: `${docsDir}api`,
    readme: 'none',
    name: 'API reference',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases'],
    githubPages: false,
    logLevel: 'Warn',
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    treatValidationWarningsAsErrors: true,
    ...options,
  });
  // Modules are named after their files, and people know packages.
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name.split('/').at(-2) ?? reflection.name;
  });
  const project = await app.convert();
  if (project === undefined)
    throw new Error('The sources could not be read for the API reference.');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('The API reference has faults; they stand above.');
  }
}

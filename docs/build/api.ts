import {
  Application,
  Converter,
  ReferenceType,
  ReflectionKind,
  type ParameterReflection,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { docsDir, entryPoints } from './places.ts';

/** Writes the API reference, a page for each path that can be imported, from the sources' TSDoc. */
export async function writeApi(): Promise<void> {
  const entries = entryPoints();
  const options: Partial<PluginOptions> & { docsRoot: string } = {
    docsRoot: docsDir,
    // One page for each: found by a search in the page, and linked by a heading.
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
    entryPoints: entries.map(({ source }) => source),
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
  // Modules are named after their files, and people know what they import.
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const file = context.project.files.getReflectionPath(reflection);
    const entry = entries.find(({ source }) => source === file);
    reflection.name = entry?.name ?? reflection.name;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project: converted }) => {
    const parameters = converted.getReflectionsByKind(ReflectionKind.Parameter);
    for (const parameter of parameters as ParameterReflection[]) nameParameter(parameter);
  });
  const project = await app.convert();
  if (project === undefined)
    throw new Error('The sources could not be read for the API reference.');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('The API reference has faults; see above.');
  }
}

/** A parameter that is taken apart where it is declared is called by the last word of its type. */
function nameParameter(parameter: ParameterReflection): void {
  if (parameter.name !== '__namedParameters') return;
  const type = parameter.type instanceof ReferenceType ? parameter.type.name : '';
  parameter.name = /[A-Z][a-z]+$/.exec(type)?.[0].toLowerCase() ?? 'options';
}

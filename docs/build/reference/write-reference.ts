import { join, relative } from 'node:path';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  ReferenceType,
  ReflectionKind,
  type DeclarationReflection,
  type ParameterReflection,
  type ProjectReflection,
} from 'typedoc';
import { MarkdownPageEvent, type PluginOptions } from 'typedoc-plugin-markdown';
import { docsDir, entryPoints, rootDir } from '../places.ts';
import { describeParameters } from './describe-parameters.ts';
import { finishPage } from './finish-page.ts';
import { NameRouter } from './name-router.ts';
import { introductionTo, referenceEntries, taskOf } from './tasks.ts';

/**
 * Writes the reference from the sources' TSDoc, with `typedoc`: an introduction for each path that
 * can be imported, its exports grouped by task, and a page for each of them.
 */
export async function writeReference(): Promise<void> {
  const entries = entryPoints();
  const options: Partial<PluginOptions> & { docsRoot: string } = {
    docsRoot: docsDir,
    pageTitleTemplates: {
      index: 'Reference',
      module: ({ name }) => `@ticket-lifecycle/${name}`,
      member: ({ rawName }) => rawName.replace(/<.*/s, ''),
    },
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    typeDeclarationVisibility: 'compact',
    tableColumnSettings: { hideSources: true },
  };
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ source }) => source),
    tsconfig: `${docsDir}tsconfig.api.json`,
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
    out: `${docsDir}api`,
    readme: 'none',
    name: 'Reference',
    router: 'by-name',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    categorizeByGroup: false,
    categoryOrder: Object.values(referenceEntries).flatMap(
      ({ tasks }) => tasks?.map(({ heading }) => heading) ?? [],
    ),
    groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases'],
    kindSortOrder: ['Function', 'Variable', 'Class', 'Interface', 'TypeAlias'],
    sort: ['kind', 'alphabetical'],
    githubPages: false,
    logLevel: 'Warn',
    validation: { invalidLink: true, notExported: false, notDocumented: false },
    treatValidationWarningsAsErrors: true,
    ...options,
  });
  app.renderer.defineRouter('by-name', NameRouter);
  // Modules are named after their files, and people know what they import.
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const file = context.project.files.getReflectionPath(reflection);
    const entry = entries.find(({ source }) => source === file);
    reflection.name = entry?.name ?? reflection.name;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => arrange(project));
  app.renderer.on(MarkdownPageEvent.END, finishPage);
  const project = await app.convert();
  if (project === undefined)
    throw new Error('The sources could not be read for the API reference.');
  const nameless = describeParameters(project);
  if (nameless.length > 0) {
    throw new Error(`Parameters of the reference:\n${nameless.join('\n')}`);
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('The API reference has faults; see above.');
  }
}

/** Gives parameters names, entry points their introductions, and exports their tasks. */
function arrange(project: ProjectReflection): void {
  const parameters = project.getReflectionsByKind(ReflectionKind.Parameter);
  for (const parameter of parameters as ParameterReflection[]) nameParameter(parameter);
  const modules = project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[];
  for (const entry of modules) {
    const { introduction, tasks } = referenceEntries[entry.name] ?? introductionTo(entry.name);
    entry.comment = new Comment(
      [{ kind: 'text', text: introduction }],
      tasks?.map(
        ({ heading, about }) =>
          new CommentTag('@categoryDescription', [{ kind: 'text', text: `${heading}\n${about}` }]),
      ),
    );
    for (const exported of entry.children ?? []) {
      group(exported, entry.name, project);
      nameInherited(exported, project);
    }
  }
}

/** Names the methods that a type has from another one of ours, and leaves them to its page. */
function nameInherited(exported: DeclarationReflection, project: ProjectReflection): void {
  const [base] = exported.extendedTypes ?? [];
  const owner = base instanceof ReferenceType ? base.reflection : undefined;
  const inherited = exported.children?.filter(
    ({ kind, inheritedFrom }) => kind === ReflectionKind.Method && inheritedFrom !== undefined,
  );
  if (owner === undefined || inherited === undefined || inherited.length === 0) return;
  const names = inherited.map(({ name }) => `\`${name}\``).join(', ');
  exported.comment?.summary.push(
    { kind: 'text', text: '\n\nIt has the methods of ' },
    { kind: 'inline-tag', tag: '@link', text: owner.name, target: owner },
    { kind: 'text', text: ` as well: ${names}.` },
  );
  for (const method of inherited) project.removeReflection(method);
}

/** Puts an export under the heading of its task. */
function group(exported: DeclarationReflection, entry: string, project: ProjectReflection): void {
  const [folder = ''] = entry.split('/');
  // An export that another path declares has its page, and its task, there.
  const source = project.getSymbolIdFromReflection(exported)?.fileName;
  if (source === undefined || exported.kindOf(ReflectionKind.Reference)) return;
  const task = taskOf(entry, relative(join(rootDir, 'packages', folder, 'src'), source));
  if (task === undefined) return;
  const { comment, signatures } = exported;
  const tag = new CommentTag('@category', [{ kind: 'text', text: task.heading }]);
  for (const described of [comment, ...(signatures?.map((signature) => signature.comment) ?? [])]) {
    described?.blockTags.push(tag);
  }
  if (comment === undefined && signatures === undefined) exported.comment = new Comment([], [tag]);
}

/** A parameter that is taken apart where it is declared is called by the last word of its type. */
function nameParameter(parameter: ParameterReflection): void {
  if (parameter.name !== '__namedParameters') return;
  const type = parameter.type instanceof ReferenceType ? parameter.type.name : '';
  parameter.name = /[A-Z][a-z]+$/.exec(type)?.[0].toLowerCase() ?? 'options';
}

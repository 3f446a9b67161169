import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

// What marks the root of a repository, and else of a project.
const repositories = ['.git', '.hg', '.svn'];
const projects = ['package.json'];

/**
 * The folder, and those above it up to the root of its repository, or else of its project. What
 * another user may have put into a folder above that is not even looked for.
 */
export function foldersOfProject(start: string): readonly string[] {
  const folders = [start];
  for (let folder = start; dirname(folder) !== folder;) folders.push((folder = dirname(folder)));
  for (const marks of [repositories, projects]) {
    const root = folders.findIndex((folder) =>
      marks.some((mark) => existsSync(join(folder, mark))),
    );
    if (root !== -1) return folders.slice(0, root + 1);
  }
  return [start];
}

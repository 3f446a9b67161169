import {
  PageKind,
  ReflectionKind,
  Slugger,
  type ContainerReflection,
  type PageDefinition,
  type Reflection,
} from 'typedoc';
import { MemberRouter } from 'typedoc-plugin-markdown';

const types = ReflectionKind.Interface | ReflectionKind.TypeAlias;
const objects = ReflectionKind.Interface | ReflectionKind.Class;

// Fewer methods than these are easier to read on one page.
const manyMethods = 5;

/** Whether something is a method that has a page: of an export with many of them. */
function isOnItsOwn({ kind, parent }: Reflection): boolean {
  if (kind !== ReflectionKind.Method || parent === undefined || (parent.kind & objects) === 0) {
    return false;
  }
  if (parent.parent?.kind !== ReflectionKind.Module) return false;
  const { children = [] } = parent as ContainerReflection;
  return children.filter((child) => child.kind === ReflectionKind.Method).length >= manyMethods;
}

/**
 * The addresses of the reference, a page for each export: `core/defineLifecycle` for what a program
 * calls, `core/types/Lifecycle` for what only the compiler sees, and below it a page for each of
 * many methods. So `ticketMachine` and its type `TicketMachine` are two files, even on a disk that
 * does not tell capitals apart.
 */
export class NameRouter extends MemberRouter {
  override buildChildPages(reflection: Reflection, pages: PageDefinition[]): void {
    if (!isOnItsOwn(reflection)) {
      super.buildChildPages(reflection, pages);
      return;
    }
    const url = this.getFileName(this.getIdealBaseName(reflection));
    this.fullUrls.set(reflection, url);
    this.sluggers.set(reflection, new Slugger(this.sluggerConfiguration));
    pages.push({ kind: PageKind.Reflection, model: reflection, url });
    reflection.traverse((child) => {
      this.buildChildPages(child, pages);
      return true;
    });
  }

  override getIdealBaseName(reflection: Reflection): string {
    const { kind, name, parent } = reflection;
    if (parent?.kind === ReflectionKind.Module) {
      return `${parent.name}/${(kind & types) === 0 ? '' : 'types/'}${name}`;
    }
    if (isOnItsOwn(reflection) && parent !== undefined) {
      // `[iterator]` makes an address that needs escaping.
      return `${this.getIdealBaseName(parent)}/${name.replaceAll(/\W/g, '')}`;
    }
    return super.getIdealBaseName(reflection);
  }
}

import {
  Comment,
  ReferenceType,
  ReflectionKind,
  ReflectionType,
  type DeclarationReflection,
  type ParameterReflection,
  type ProjectReflection,
  type Reflection,
  type SomeType,
} from 'typedoc';
import { parameterWords } from './parameter-words.ts';

type Described = ParameterReflection | DeclarationReflection;

/** Gives each parameter a sentence, and names those for which there is none. */
export function describeParameters(project: ProjectReflection): string[] {
  const parameters = project.getReflectionsByKind(ReflectionKind.Parameter);
  const unused = new Set(Object.keys(parameterWords));
  const faults: string[] = [];
  for (const parameter of parameters as ParameterReflection[]) {
    describe(parameter, parameter.name, placesOf(parameter));
  }
  return [...faults, ...[...unused].map((word) => `No parameter needs the words for "${word}".`)];

  function describe(one: Described, name: string, places: readonly string[]): void {
    if (one.type instanceof ReflectionType) {
      for (const field of one.type.declaration.children ?? []) {
        describe(field, `${name}.${field.name}`, places);
      }
    }
    if (one.comment?.hasVisibleComponent() === true) return;
    const [words, ofName] = wordsFor(name, places);
    const ofType = sentenceOfType(one.type);
    // Options are described where their interface is; everything else has a part to play here.
    const isOptions = name === 'options' && ofType !== undefined && words === 'options';
    if (words !== undefined && !isOptions) unused.delete(words);
    const sentence = isOptions ? ofType : (ofName ?? ofType);
    if (sentence === undefined) faults.push(`${places.join('.')}.${name} has no description.`);
    else one.comment = new Comment([{ kind: 'text', text: sentence }]);
  }
}

/** The names of what a parameter belongs to, from the outermost. */
function placesOf(parameter: ParameterReflection): string[] {
  const places: string[] = [];
  let owner: Reflection | undefined = parameter.parent;
  while (owner !== undefined && !owner.isProject() && owner.kind !== ReflectionKind.Module) {
    if (places[0] !== owner.name && owner.name !== '__type') places.unshift(owner.name);
    owner = owner.parent;
  }
  return places;
}

/** The narrowest name under which there are words for a parameter, and these words. */
function wordsFor(name: string, places: readonly string[]): [string?, (string | undefined)?] {
  const names = [...places.toReversed().map((place) => `${place}.${name}`), name];
  const found = names.find((one) => Object.hasOwn(parameterWords, one));
  return found === undefined ? [] : [found, parameterWords[found]];
}

/** The first sentence about a type of ours, such as an interface of options. */
function sentenceOfType(type: SomeType | undefined): string | undefined {
  if (!(type instanceof ReferenceType)) return undefined;
  const target = type.reflection;
  const isOurs = target?.kindOf(
    ReflectionKind.Interface | ReflectionKind.TypeAlias | ReflectionKind.Class,
  );
  if (isOurs !== true) return undefined;
  const text = Comment.combineDisplayParts(target?.comment?.summary);
  const [sentence] = /^.*?\.(?=\s|$)/s.exec(text) ?? [];
  return sentence?.replaceAll(/\s+/g, ' ');
}

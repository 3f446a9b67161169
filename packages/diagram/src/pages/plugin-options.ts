import { checkOptions, oneOf } from '@ticket-lifecycle/internal/option-checks';
import type { Lifecycle } from '@ticket-lifecycle/core';
import { DiagramError, invalid, show } from '../errors.ts';
import { checkArguments, isLifecycle, pixels, type SvgOptions } from '../options.ts';

/** A lifecycle, or one with the options of its drawings. A fence's own options come before these. */
export type Drawn = Lifecycle | ({ readonly lifecycle: Lifecycle } & SvgOptions);

/** What a docs site draws, and how. */
export interface PagesOptions {
  /** The lifecycles by the names that fences and markers call them. */
  readonly lifecycles: Readonly<Record<string, Drawn>>;
  /**
   * Whether a page gets the SVG itself, which takes its ink from the page, or an image that follows
   * the reader's system.
   *
   * @defaultValue 'svg'
   */
  readonly as?: 'svg' | 'img' | undefined;
  /**
   * The width in pixels of the column of text.
   *
   * @defaultValue 690
   */
  readonly width?: number | undefined;
}

/** The same, checked, with defaults. */
export interface PlainPagesOptions {
  readonly lifecycles: ReadonlyMap<
    string,
    { readonly lifecycle: Lifecycle; readonly options: SvgOptions }
  >;
  readonly as: 'svg' | 'img';
}

// What VitePress, Docusaurus and Starlight leave for a page's text, or a little less.
const columnWidth = 690;

export function readPagesOptions(owner: string, given: PagesOptions): PlainPagesOptions {
  checkOptions(
    owner,
    given,
    {
      lifecycles: (value) =>
        typeof value === 'object' && value !== null && Object.keys(value).length > 0
          ? undefined
          : 'lifecycles by their names',
      as: oneOf('svg', 'img'),
      width: pixels,
    },
    { required: ['lifecycles'], show, failWith: invalid },
  );
  const { as = 'svg', width = columnWidth } = given;
  const entries = Object.entries(given.lifecycles).map(([name, drawn]) => {
    if (!/^[\w.-]+$/.test(name)) {
      throw invalid(
        `${owner}: a name in "lifecycles" must be letters, digits, ".", "-" or "_", received ${show(name)}.`,
      );
    }
    const { lifecycle, ...own } = isLifecycle(drawn) ? { lifecycle: drawn } : drawn;
    const options = { width, ...own };
    checkArguments(`${owner}: lifecycle "${name}"`, 'svg', lifecycle, options);
    return [name, { lifecycle, options }] as const;
  });
  return { lifecycles: new Map(entries), as };
}

/** The lifecycle that a fence or a marker means: the one it names, or the only one. */
export function lifecycleCalled(
  { lifecycles }: PlainPagesOptions,
  name: string,
  where: string,
): { readonly lifecycle: Lifecycle; readonly options: SvgOptions } {
  const [only] = lifecycles.values();
  const found = lifecycles.get(name) ?? (name === '' && lifecycles.size === 1 ? only : undefined);
  if (found !== undefined) return found;
  const known = [...lifecycles.keys()].join(', ');
  const what = name === '' ? 'names no lifecycle' : `names the lifecycle ${show(name)}`;
  throw new DiagramError('invalid-option', `${where} ${what}. Expected one of ${known}.`);
}

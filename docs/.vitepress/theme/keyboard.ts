/*
 * What the theme leaves undone for keyboards and screen readers
 *
 * Its search is a button that holds a whole list, its input has no name, nobody hears how much it has
 * found, and what is closed with Escape takes the focus with it. The styles hide the menu of pages while it is closed, so that
 * nobody walks through it.
 */

const searchBox = '.VPLocalSearchBox';
const outline = '.VPLocalNavOutlineDropdown';

/** Mends the search and the outline of each page, now and whenever they open. */
export function mendKeyboard(): void {
  let opener: Element | null = null;
  let mended: { readonly box: Element; readonly observer: MutationObserver } | undefined;

  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.closest(searchBox) === null) opener = target;
  });
  document.addEventListener('keydown', ({ key }) => {
    const around = key === 'Escape' ? document.activeElement?.closest(outline) : undefined;
    around?.querySelector('button')?.focus();
  });
  new MutationObserver(() => {
    const box = document.querySelector(searchBox);
    if (box === (mended?.box ?? null)) return;
    mended?.observer.disconnect();
    mended = box === null ? undefined : { box, observer: keepNamed(box) };
    // Later, or the Enter that chose a result would press the button that opens the search again.
    if (box === null) setTimeout(() => focusAgain(opener));
  }).observe(document.body, { childList: true });
}

/** Where the focus was before, unless it has a place by now: the heading of a result. */
function focusAgain(opener: Element | null): void {
  if (document.activeElement !== document.body) return;
  const search = document.querySelector<HTMLElement>('.VPNavBarSearch button');
  const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
  (isThere ? opener : search)?.focus();
}

/** A dialog with a combobox in it. The theme writes its own attributes again with each result. */
function keepNamed(box: Element): MutationObserver {
  const found = document.createElement('p');
  found.className = 'visually-hidden';
  found.setAttribute('role', 'status');
  box.append(found);
  const name = (): void => {
    write(box, {
      role: 'dialog',
      'aria-modal': 'true',
      'aria-label': 'Search',
      'aria-labelledby': undefined,
      'aria-owns': undefined,
      'aria-expanded': undefined,
      'aria-haspopup': undefined,
    });
    const hasResults = box.querySelector('[role="option"]') !== null;
    write(box.querySelector('input'), {
      role: 'combobox',
      'aria-label': 'Search the documentation',
      'aria-labelledby': undefined,
      'aria-autocomplete': 'list',
      'aria-expanded': String(hasResults),
    });
    write(box.querySelector('[role="listbox"]'), {
      'aria-label': 'Results',
      'aria-labelledby': undefined,
    });
    // The arrows choose a result, and Enter opens it. Its own text is its name.
    for (const link of box.querySelectorAll('[role="option"] a'))
      write(link, { tabindex: '-1', 'aria-label': undefined });
    for (const sign of box.querySelectorAll('.title-icon')) write(sign, { 'aria-hidden': 'true' });
    for (const key of box.querySelectorAll('kbd[aria-label]')) write(key, { role: 'img' });
    const said = textOfResults(box);
    // A change of it calls this again.
    if (found.textContent !== said) found.textContent = said;
  };
  name();
  const observer = new MutationObserver(name);
  observer.observe(box, { attributes: true, childList: true, subtree: true });
  return observer;
}

/** How much the search has found, and nothing while it still looks. */
function textOfResults(box: Element): string {
  const none = box.querySelector('.no-results');
  if (none !== null) return none.textContent.trim();
  const { length } = box.querySelectorAll('[role="option"]');
  if (length === 0) return '';
  return length === 1 ? '1 result' : `${length} results`;
}

function write(
  element: Element | null,
  attributes: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) element?.removeAttribute(name);
    else if (element?.getAttribute(name) !== value) element?.setAttribute(name, value);
  }
}

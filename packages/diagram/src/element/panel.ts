import { verdictIn, type VerdictTable } from '../picture/verdict-table.ts';
import { fill } from '../fill-in.ts';
import type { ElementMessages } from './messages.ts';

/** What a reader sees and presses. */
export interface Panel {
  readonly content: readonly HTMLElement[];
  /** Shows a ticket in a state, and says by which event it came there. */
  show(state: number, event?: string): void;
  /** Says why an event was not possible. */
  refuse(event: number, reasons: readonly string[]): void;
}

interface Actions {
  readonly press: (event: string, to?: string) => void;
  readonly restart: () => void;
}

/**
 * Makes the picture, a line that says where the ticket is, a button for each event, and the reasons
 * of those that are blocked. The buttons stay where they are, so that the keyboard's focus does too;
 * a blocked one can be pressed, and says why.
 */
export function createPanel(
  table: VerdictTable,
  svg: Element,
  messages: ElementMessages,
  actions: Actions,
): Panel {
  const picture = part('div', 'picture');
  picture.append(svg);
  // A reader without a pointer scrolls it by keys.
  picture.tabIndex = 0;
  picture.setAttribute('role', 'group');
  picture.setAttribute('aria-label', messages.picture);
  const status = part('p', 'status');
  status.setAttribute('role', 'status');
  const events = part('div', 'events');
  events.setAttribute('role', 'toolbar');
  events.setAttribute('aria-label', messages.events);
  const reasons = part('ul', 'reasons');
  const restart = button(messages.restart, 'restart');
  const buttons = table.events.map((event, index) => {
    const made = button(event, 'event');
    made.addEventListener('click', () => actions.press(event));
    made.addEventListener('focus', () => focusable(index));
    return made;
  });
  const whys = table.events.map((_, index) => {
    const why = part('span', 'why');
    why.hidden = true;
    why.id = `why-${index}`;
    return why;
  });
  events.append(...buttons, ...whys);
  focusable(0);
  events.addEventListener('keydown', (key) => moveFocus(key));
  restart.addEventListener('click', () => actions.restart());
  svg.addEventListener('click', ({ target }) => pressEdge(target as Element));
  let current = table.initial;

  return { content: [picture, status, events, reasons, restart], show, refuse };

  function show(state: number, event?: string): void {
    current = state;
    const verdicts = table.events.map((_, index) => verdictIn(table, state, index));
    const open: string[] = [];
    const blocked: HTMLElement[] = [];
    for (const [index, verdict] of verdicts.entries()) {
      const name = table.events[index] ?? '';
      const [made, why] = [buttons[index], whys[index]];
      if (made === undefined || why === undefined) continue;
      made.setAttribute('part', verdict.allowed ? 'event' : 'event blocked');
      if (verdict.allowed) {
        const label = verdict.targets.map((to) => to.label).join(messages.betweenStates);
        const fields = verdict.needs.join(messages.betweenFields);
        const needs = fields !== '';
        open.push(needs ? fill(messages.eventWith, { event: name, fields }) : name);
        made.removeAttribute('aria-disabled');
        const leads = needs ? messages.leadsToWith : messages.leadsTo;
        why.textContent = fill(leads, { state: label, fields });
      } else {
        made.setAttribute('aria-disabled', 'true');
        why.textContent = verdict.reasons.join(' ');
        if (verdict.hasEdge) blocked.push(reasonItem(name, verdict.reasons.join(' ')));
      }
      made.setAttribute('aria-describedby', why.id);
    }
    reasons.replaceChildren(...blocked);
    mark(state);
    const here = event === undefined ? messages.standing : messages.moved;
    const list = open.join(messages.betweenEvents);
    const next =
      open.length === 0 ? messages.nothingPossible : fill(messages.possible, { events: list });
    status.textContent = `${fill(here, { state: labelOf(state), event: event ?? '' })} ${next}`;
  }

  function refuse(event: number, why: readonly string[]): void {
    const values = { event: table.events[event] ?? '', reasons: why.join(' ') };
    status.textContent = fill(messages.refused, values);
  }

  function reasonItem(event: string, why: string): HTMLElement {
    const item = document.createElement('li');
    item.textContent = fill(messages.blocked, { event, reasons: why });
    return item;
  }

  function labelOf(state: number): string {
    return table.states[state]?.label ?? '';
  }

  /** Marks state and edges in the picture, as `toSvg` does with `at`. */
  function mark(state: number): void {
    const name = table.states[state]?.name;
    for (const box of svg.querySelectorAll('[data-state]')) {
      box.classList.toggle('tl-current', box.getAttribute('data-state') === name);
    }
    for (const edge of svg.querySelectorAll('[data-event]')) {
      const isOwn = edge.getAttribute('data-from') === name;
      const event = table.events.indexOf(edge.getAttribute('data-event') ?? '');
      const verdict = isOwn && event !== -1 ? verdictIn(table, state, event) : undefined;
      const to = edge.getAttribute('data-to');
      const isTaken = verdict?.allowed === true && verdict.targets.some((one) => one.name === to);
      edge.classList.toggle('tl-enabled', isTaken);
      edge.classList.toggle('tl-blocked', isOwn && !isTaken);
    }
  }

  function pressEdge(target: Element): void {
    const edge = target.closest('[data-event]');
    const event = edge?.getAttribute('data-event') ?? undefined;
    if (event === undefined || edge?.getAttribute('data-from') !== table.states[current]?.name)
      return;
    actions.press(event, edge?.getAttribute('data-to') ?? undefined);
  }

  /** One button is a stop of the Tab key; arrows go to the others. */
  function focusable(at: number): void {
    for (const [index, one] of buttons.entries()) one.tabIndex = index === at ? 0 : -1;
  }

  function moveFocus(key: KeyboardEvent): void {
    const from = buttons.findIndex((one) => one.tabIndex === 0);
    const last = buttons.length - 1;
    const next = from === last ? 0 : from + 1;
    const before = from === 0 ? last : from - 1;
    // On a page from right to left, the next button is on the left.
    const isMirrored = getComputedStyle(events).direction === 'rtl';
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: isMirrored ? before : next,
      ArrowLeft: isMirrored ? next : before,
      ArrowDown: next,
      ArrowUp: before,
      Home: 0,
      End: last,
    };
    const to = Object.hasOwn(targets, key.key) ? targets[key.key] : undefined;
    if (to === undefined || key.ctrlKey || key.metaKey || key.altKey) return;
    key.preventDefault();
    buttons[to]?.focus();
  }
}

function part<Name extends 'div' | 'p' | 'ul' | 'span'>(name: Name, called: string) {
  const made = document.createElement(name);
  made.setAttribute('part', called);
  return made;
}

function button(text: string, called: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.setAttribute('part', called);
  made.textContent = text;
  return made;
}

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readVerdictTable, verdictIn, type VerdictTable } from '../picture/verdict-table.ts';
import { fill } from '../fill-in.ts';
import { elementSheet } from './element-style.ts';
import { englishMessages, readMessages, type ElementMessages } from './messages.ts';
import { createPanel, type Panel } from './panel.ts';
import { parseSvg, trustedCopy, UnusableSvg, verdictsIn } from './trusted-svg.ts';

export type { ElementMessages } from './messages.ts';

/** A move that a reader made: the `detail` of the event `move`. */
export interface Move {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  /** The API status that `to` stands for. */
  readonly status: string;
}

interface Play {
  readonly table: VerdictTable;
  readonly panel: Panel;
  readonly start: number;
  state: number;
}

// On a server there is no such class: a page may be rendered there, and comes to life in a browser.
const Base = 'HTMLElement' in globalThis ? HTMLElement : (Object as unknown as typeof HTMLElement);

/**
 * `<ticket-lifecycle>`: a lifecycle that readers can press. It takes an SVG that `toSvg` drew with
 * `playable: true`, as its child or by `src`, marks where the ticket is, and moves it. What is blocked
 * says why. The verdicts are those of core, written into the SVG when it was drawn.
 *
 * Attributes: `src`, the address of the SVG; `at`, the state to begin in; `messages`, its own words in
 * another language, as JSON. Each move fires the event
 * `move` with a {@link Move} as its `detail`. Parts for your style sheet: `picture`, `status`,
 * `events`, `event`, `blocked`, `reasons`, `restart`, `error`.
 */
export class TicketLifecycleElement extends Base {
  static readonly observedAttributes = ['src', 'at', 'messages'];

  #play: Play | undefined;
  #given: string | undefined;
  #source: Element | undefined;
  #messages: Partial<ElementMessages> | undefined;
  #loading: AbortController | undefined;
  #children: MutationObserver | undefined;

  /** The state that the ticket is in, or `undefined` where nothing could be shown. */
  get state(): string | undefined {
    return this.#play?.table.states[this.#play.state]?.name;
  }

  /** The drawing as text, instead of a child or `src`. */
  set svg(text: string) {
    this.#given = text;
    this.#load();
  }

  /**
   * What it says in its own words, such as `{ restart: 'Von vorn' }`. A message that is left out
   * stays English. The reasons are core's: they are written when the SVG is drawn.
   */
  get messages(): Partial<ElementMessages> {
    return this.#messages ?? {};
  }

  set messages(messages: Partial<ElementMessages>) {
    this.#messages = messages;
    this.#speak();
  }

  connectedCallback(): void {
    this.#take('messages');
    this.#take('svg');
    // Frameworks, and a parser that is slower than this script, add the child later.
    this.#children = new MutationObserver(() => this.#load());
    this.#children.observe(this, { childList: true });
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', () => this.#load(), { once: true });
    } else {
      this.#load();
    }
  }

  disconnectedCallback(): void {
    this.#children?.disconnect();
    this.#loading?.abort();
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected || document.readyState === 'loading') return;
    if (name === 'messages') this.#speak();
    else this.#load();
  }

  /**
   * Lets an event happen, as if a reader had pressed it.
   *
   * @param to - the state that it leads to, where the data that it carries decides between several;
   *   the first of them otherwise
   * @returns whether the ticket moved; what is blocked says why on the page
   */
  press(event: string, to?: string): boolean {
    const { table, panel, state } = this.#play ?? {};
    const index = table?.events.indexOf(event) ?? -1;
    if (this.#play === undefined || table === undefined || state === undefined || index < 0)
      return false;
    const verdict = verdictIn(table, state, index);
    if (!verdict.allowed) {
      panel?.refuse(index, verdict.reasons);
      return false;
    }
    const from = table.states[state]?.name ?? '';
    const next = verdict.targets.find(({ name }) => name === to) ?? verdict.to;
    this.#play.state = table.states.indexOf(next);
    panel?.show(this.#play.state, event);
    const detail: Move = { event, from, to: next.name, status: next.status };
    this.dispatchEvent(new CustomEvent('move', { detail, bubbles: true, composed: true }));
    return true;
  }

  /** Puts the ticket back where it began. */
  restart(): void {
    if (this.#play === undefined) return;
    this.#play.state = this.#play.start;
    this.#play.panel.show(this.#play.start);
  }

  #load(): void {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#source = undefined;
    const src = this.getAttribute('src');
    if (this.#given !== undefined || src === null) {
      this.#attempt(() => (this.#given === undefined ? this.#child() : parseSvg(this.#given)));
      return;
    }
    fetchSvg(src, loading.signal).then(
      (text) => {
        if (!loading.signal.aborted) this.#attempt(() => parseSvg(text));
      },
      (error: unknown) => {
        if (!loading.signal.aborted) this.#fail(error);
      },
    );
  }

  /** Takes a property that was set before this class was there, as frameworks do. */
  #take(name: 'messages' | 'svg'): void {
    if (!Object.hasOwn(this, name)) return;
    const value: unknown = Reflect.get(this, name);
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, value);
  }

  /** Says all anew, with the ticket where it is. */
  #speak(): void {
    const [source, state] = [this.#source, this.#play?.state];
    if (source !== undefined) this.#attempt(() => source, state);
  }

  #child(): Element {
    const svg = this.querySelector('svg');
    if (svg === null) throw new UnusableSvg('it has neither an SVG inside nor a src');
    return svg;
  }

  #attempt(read: () => Element, state?: number): void {
    try {
      this.#source = read();
      this.#start(this.#source, state);
    } catch (error) {
      this.#fail(error);
    }
  }

  #start(svg: Element, state?: number): void {
    const text = verdictsIn(svg);
    if (text === undefined) {
      throw new UnusableSvg(
        'its SVG holds no verdicts. Draw it with playable: true, or --playable',
      );
    }
    const table = readVerdictTable(text);
    if (typeof table === 'string') throw new UnusableSvg(table);
    const start = this.#startIn(table);
    const panel = createPanel(table, trustedCopy(svg), this.#words(), {
      press: (event, to) => this.press(event, to),
      restart: () => this.restart(),
    });
    this.#play = { table, panel, start, state: state ?? start };
    this.#root().replaceChildren(...panel.content);
    panel.show(this.#play.state);
  }

  #startIn({ states, initial }: VerdictTable): number {
    const at = this.getAttribute('at');
    if (at === null) return initial;
    const found = states.findIndex(({ name }) => name === at);
    if (found !== -1) return found;
    const names = states.map(({ name }) => name).join(', ');
    throw new UnusableSvg(`at="${at}" is not one of its states. Expected one of ${names}`);
  }

  #fail(error: unknown): void {
    this.#play = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const message = document.createElement('p');
    message.setAttribute('part', 'error');
    message.setAttribute('role', 'alert');
    message.textContent = fill(this.#unusable(), { reason });
    this.#root().replaceChildren(message);
  }

  #words(): ElementMessages {
    return readMessages(this.#messages ?? this.getAttribute('messages') ?? {});
  }

  /** Says that nothing can be shown, even where the messages are the reason. */
  #unusable(): string {
    try {
      return this.#words().unusable;
    } catch {
      return englishMessages.unusable;
    }
  }

  #root(): ShadowRoot {
    if (this.shadowRoot !== null) return this.shadowRoot;
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [elementSheet()];
    return root;
  }
}

async function fetchSvg(src: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    response = await fetch(src, { signal });
  } catch (cause) {
    throw new UnusableSvg(`${src} can't be loaded`, { cause });
  }
  if (!response.ok) throw new UnusableSvg(`${src} can't be loaded (HTTP ${response.status})`);
  return response.text();
}

declare global {
  interface HTMLElementTagNameMap {
    'ticket-lifecycle': TicketLifecycleElement;
  }
}

// Two copies of this module on one page: the first one stays.
if ('customElements' in globalThis && customElements.get('ticket-lifecycle') === undefined) {
  customElements.define('ticket-lifecycle', TicketLifecycleElement);
}

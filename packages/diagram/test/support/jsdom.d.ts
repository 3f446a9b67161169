// The little that the tests use of it; its own types would bring the whole DOM into the sources.
declare module 'jsdom' {
  export interface Element {
    readonly nodeName: string;
    readonly textContent: string;
    getAttribute(name: string): string | null;
    querySelector(selector: string): Element | null;
    querySelectorAll(selector: string): Iterable<Element> & { readonly length: number };
  }
  export class JSDOM {
    constructor(html: string);
    readonly window: {
      readonly document: object;
      readonly DOMParser: new () => {
        parseFromString(text: string, type: string): { readonly documentElement: Element };
      };
    };
  }
}

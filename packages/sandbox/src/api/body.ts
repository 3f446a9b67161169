export type Body = { readonly text: string; readonly json?: unknown };

/** Stands for the body of a client that has hung up before its end. It is no JSON. */
export const cutOff = '(cut off)';

export function parseBody(text: string): Body {
  try {
    const json: unknown = JSON.parse(text);
    return { text, json };
  } catch {
    return { text };
  }
}

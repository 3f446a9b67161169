const fewestLetters = 8;

/**
 * A pattern that finds a secret in a text of somebody else, as it is or as others write it: escaped
 * for JSON, HTML or a URL, once or several times, or as a part of something in Base64, such as the
 * header of a proxy. It takes a time that grows with the text alone.
 */
export function secretPattern(secret: string): RegExp {
  const forms = [formsOf(secret), ...inBase64(secret).map(formsOf)];
  // Within a run of backslashes there is nothing to be found that does not begin with it.
  return new RegExp(forms.map((form) => `(?<!\\\\)${form}`).join('|'), 'g');
}

// Backslashes in a row are taken together: each could be written as any number of them.
const formsOf = (text: string): string => text.replaceAll(/\\+|[^a-z0-9]/giu, formsOfSigns);

/** The forms that signs may have in a text, as a part of a pattern. */
function formsOfSigns(signs: string): string {
  const units = Array.from({ length: signs.length }, (_, index) => signs.charCodeAt(index));
  const themselves = units.map((unit) => `\\u${hex(unit, 4)}`).join('');
  const inJson = units.map((unit) => `\\\\+u${anyCase(hex(unit, 4))}`).join('');
  const inUrl = bytesOf(signs)
    .map((byte) => `%(?:25)*${anyCase(hex(byte, 2))}`)
    .join('');
  const inHtml = Array.from(signs, entityOf).join('');
  return `(?:\\\\*${themselves}|${inUrl}|${inJson}|${inHtml})`;
}

function entityOf(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  return `&(?:amp;)*(?:#0*${code}|#[xX]0*${anyCase(hex(code, 1))}|[a-z]+);`;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const anyCase = (digits: string): string =>
  digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];

/**
 * The letters that a secret surely has in Base64, in both alphabets. Three letters stand for four, so
 * they depend on how much is before it; those at its ends, which its neighbours share, are left out.
 */
function inBase64(secret: string): string[] {
  const bytes = String.fromCharCode(...bytesOf(secret));
  const letters = [0, 1, 2].map((before) => {
    const whole = btoa(`${' '.repeat(before)}${bytes}`);
    const shared = Math.ceil((before * 8) / 6);
    return whole.slice(shared, Math.floor(((before + bytes.length) * 8) / 6));
  });
  const inUrls = letters.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...letters, ...inUrls])].filter(({ length }) => length >= fewestLetters);
}

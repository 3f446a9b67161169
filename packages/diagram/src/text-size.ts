// Widths in units of the font size, on the wide side of what system fonts use: there is no font to
// ask, and a box that is a little too wide looks better than a text that leaves it.
const asciiWidths: readonly (readonly [characters: string, width: number])[] = [
  ["ijl|!.,:;'`", 0.29],
  ['Itfr()[]{}/\\ -"*', 0.39],
  ['cksvxyzJ?^_', 0.55],
  ['abdeghnopquLFTE0123456789$#+=<>~', 0.61],
  ['ABCDGHKNOPQRSUVXYZ&', 0.73],
  ['w', 0.77],
  ['mM%@W', 0.95],
];
const widths = new Map(
  asciiWidths.flatMap(([characters, width]) =>
    characters.split('').map((one) => [one, width] as const),
  ),
);

const noWidth = /^[\p{M}\p{Cf}\p{Cc}]$/u;
// East Asian letters and pictures fill a square, pictures a little more.
const square =
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303F\uFF00-\uFF60]$/u;
const picture = /^\p{Extended_Pictographic}$/u;

/** How wide a line of text is about to be, in units of its font size. */
export function textWidth(text: string): number {
  let sum = 0;
  for (const one of text) sum += widths.get(one) ?? otherWidth(one);
  return sum;
}

function otherWidth(character: string): number {
  if (noWidth.test(character)) return 0;
  if (square.test(character)) return 1.02;
  return picture.test(character) ? 1.4 : 0.68;
}

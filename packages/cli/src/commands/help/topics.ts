/** What `help` knows beside the commands. */
export const topics = ['exit-codes', 'environment', 'formats'] as const;

/** The name of a help topic. */
export type Topic = (typeof topics)[number];

/** Whether a word is one of them. */
export const isTopic = (word: string): word is Topic =>
  (topics as readonly string[]).includes(word);

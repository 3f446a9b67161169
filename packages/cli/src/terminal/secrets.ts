/** Keeps secrets out of everything that is written, whoever put them there. */
export interface Secrets {
  add(secret: string | undefined): void;
  hide(text: string): string;
}

// Taking something as short as this out of every text would destroy more than it protects.
const shortest = 8;

/** Starts without any secret. */
export function createSecrets(): Secrets {
  const secrets = new Set<string>();
  return {
    add(secret = '') {
      if (secret.length < shortest) return;
      secrets.add(secret);
      // As it looks inside JSON.
      secrets.add(JSON.stringify(secret).slice(1, -1));
    },
    hide(text) {
      let hidden = text;
      for (const secret of secrets) hidden = hidden.replaceAll(secret, '[redacted]');
      return hidden;
    },
  };
}

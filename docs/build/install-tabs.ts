import type { MarkdownRenderer } from 'vitepress';

/** The tools that install packages, in the order of their tabs. */
export const installers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
type Installer = (typeof installers)[number];

const commands: Readonly<Record<Installer, Readonly<Record<string, string>>>> = {
  npm: {},
  pnpm: {
    'npm init -y': 'pnpm init',
    'npm install --global': 'pnpm add --global',
    'npm install --save-dev': 'pnpm add --save-dev',
    'npm install': 'pnpm add',
    npx: 'pnpm dlx',
  },
  yarn: {
    'npm init -y': 'yarn init -y',
    // Yarn 2 and later have no global installation, and Yarn 1 has no `dlx`.
    'npm install --global': 'npm install --global',
    'npm install --save-dev': 'yarn add --dev',
    'npm install': 'yarn add',
    npx: 'yarn dlx',
  },
  bun: {
    'npm init -y': 'bun init -y',
    'npm install --global': 'bun add --global',
    'npm install --save-dev': 'bun add --dev',
    'npm install': 'bun add',
    npx: 'bunx',
  },
};

/** What somebody with another installer types instead. */
export function commandsFor(installer: Installer, shell: string): string {
  return shell
    .split('\n')
    .map((line) => {
      const known = Object.entries(commands[installer]);
      const [npm, own] =
        known.find(([command]) => line.startsWith(`${command} `) || line === command) ?? [];
      return npm === undefined || own === undefined ? line : `${own}${line.slice(npm.length)}`;
    })
    .join('\n');
}

const block = /^```sh\n(?<shell>(?:(?!^```).*\n)*?(?:npm install|npx) (?:(?!^```).*\n)*?)```$/gm;

/** A page with a tab for each installer, where it shows a command of npm's. */
export const withInstallTabs = (page: string): string =>
  page.replaceAll(block, (whole: string, shell: string) => {
    // Files of the repository need each other, which npm alone finds among them.
    if (shell.includes('.tgz')) return whole;
    const tabs = installers.map(
      (name) => `\`\`\`sh [${name}]\n${commandsFor(name, shell)}\`\`\`\n`,
    );
    return `::: code-group\n\n${tabs.join('\n')}\n:::`;
  });

const group = '::: code-group';
/** Until the first release: anybody could take the names there. */
export const notOnNpm =
  'Not on npm yet. Until the first release, [install the packages from the repository](/runtimes#before-the-first-release).';

/** Shows commands of npm's for other installers too, and says once on a page when they work. */
export function tabsForInstalls(md: MarkdownRenderer): void {
  md.core.ruler.before('normalize', 'install-tabs', (state) => {
    const { relativePath = '', isForSearch } = state.env as {
      relativePath?: string;
      isForSearch?: boolean;
    };
    if (relativePath.startsWith('contributing/') || isForSearch === true) return;
    const tabs = withInstallTabs(state.src.replaceAll('\r\n', '\n'));
    state.src = tabs.replace(group, `${notOnNpm}\n\n${group}`);
  });
}

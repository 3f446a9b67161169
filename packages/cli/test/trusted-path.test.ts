import type { Stats } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { whyNotTrusted } from '../src/trusted-path.ts';

// A file system by its entries: who owns each, what may be done with it, and where links lead.
interface Entry {
  readonly uid: number;
  readonly mode: number;
  readonly link?: string;
}

const kim = 1000;
const dir = (uid: number, mode = 0o755): Entry => ({ uid, mode: 0o40000 | mode });
const plain = (uid: number, mode = 0o644): Entry => ({ uid, mode: 0o100000 | mode });
const link = (uid: number, to: string): Entry => ({ uid, mode: 0o120777, link: to });

function disk(entries: Readonly<Record<string, Entry>>) {
  const all: Readonly<Record<string, Entry | undefined>> = { '/': dir(0), ...entries };
  const at = (path: string): Entry => {
    const entry = all[path];
    if (entry === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return entry;
  };
  const look = (path: string) => {
    const { uid, mode } = at(path);
    const kind = mode & 0o170000;
    const isSymbolicLink = () => kind === 0o120000;
    return { uid, mode, isSymbolicLink, isDirectory: () => kind === 0o40000 } as Stats;
  };
  return { user: kim, look, follow: (path: string) => at(path).link ?? '' };
}

const home = { '/home': dir(0), '/home/kim': dir(kim), '/home/kim/a': plain(kim) };

test('a file of the user in a folder of the user is trusted, and so is one of root', () => {
  expect(whyNotTrusted('/home/kim/a', disk(home))).toBeUndefined();
  expect(whyNotTrusted('/home/kim/a', disk({ ...home, '/home/kim/a': plain(0) }))).toBeUndefined();
});

test('whoever else owns or may write anything on the way is named with the cure', () => {
  const ways = ['/home', '/home/kim', '/home/kim/a'];
  const modes = fc.constantFrom(0o020, 0o002, 0o022);
  fc.assert(
    fc.property(fc.constantFrom(...ways), fc.option(modes, { nil: undefined }), (path, open) => {
      const entry = home[path as keyof typeof home];
      const changed =
        open === undefined ? { ...entry, uid: 7 } : { ...entry, mode: entry.mode | open };
      const why = whyNotTrusted('/home/kim/a', disk({ ...home, [path]: changed }));
      expect(why).toContain(path);
      expect(why).toMatch(open === undefined ? /another user \(7\)/ : /chmod go-w/);
    }),
  );
});

test('a folder that everybody may write to is fine on the way, but not as the folder of a file', () => {
  const shared = {
    '/shared': dir(0, 0o1777),
    '/shared/mine': dir(kim, 0o700),
    '/shared/mine/a': plain(kim),
  };
  expect(whyNotTrusted('/shared/mine/a', disk(shared))).toBeUndefined();
  const beside = { '/shared': dir(0, 0o1777), '/shared/a': plain(kim) };
  expect(whyNotTrusted('/shared/a', disk(beside))).toContain('/shared');
});

test('links are followed by hand, wherever they are, and both ends are judged', () => {
  const linked = { ...home, '/l': link(0, 'home/kim'), '/home/kim/b': link(kim, '../kim/./a') };
  expect(whyNotTrusted('/l/b', disk(linked))).toBeUndefined();
  expect(whyNotTrusted('/l/b', disk({ ...linked, '/l': link(7, 'home/kim') }))).toContain('/l');
  const elsewhere = { ...linked, '/open': dir(0, 0o777), '/open/a': plain(kim) };
  const absolute = { ...elsewhere, '/home/kim/b': link(kim, '/open/a') };
  expect(whyNotTrusted('/l/b', disk(absolute))).toContain('/open');
});

test('a link that leads back to itself ends', () => {
  const circle = { ...home, '/home/kim/b': link(kim, 'b') };
  expect(whyNotTrusted('/home/kim/b', disk(circle))).toContain('back to itself');
});

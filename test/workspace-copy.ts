import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

const root = dirname(import.meta.dirname);
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.venv', '.cache', 'golden', 'data']);

/** A copy of this workspace that a test may spoil: its own sources, the installed packages by link. */
export function copyWorkspace(t: TestContext): string {
  const copy = mkdtempSync(join(tmpdir(), 'linnet-workspace-'));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  linkAll(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** npm links the workspace's own packages by relative paths, which hold in the copy as well. */
function linkAll(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (name === '@linnet') linkAll(source, target);
    else symlinkSync(source, target);
  }
}

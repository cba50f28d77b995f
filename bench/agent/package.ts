/** The agent as a device has it: compiled, without the rest of the workspace. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const OWN = ['core', 'agent'];

/** @returns the file that `linnet-agent` starts; gone when this process ends */
export function compiledAgent(): string {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-agent-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const file of ['scripts/build.ts', 'package.json', 'tsconfig.base.json']) {
    cpSync(join(root, file), join(folder, file));
  }
  mkdirSync(join(folder, 'node_modules/@linnet'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === '@linnet' || name === 'linnet') continue;
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  for (const name of OWN) {
    const filter = (path: string) => !/[/\\](?:node_modules|dist)$/.test(path);
    cpSync(join(root, 'packages', name), join(folder, 'packages', name), { recursive: true, filter });
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@linnet', name), 'junction');
  }
  execFileSync(process.execPath, ['scripts/build.ts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'packages/agent/dist/command/main.js');
}

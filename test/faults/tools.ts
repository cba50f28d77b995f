/** What the tests of faults stand on: file systems of their own and C programs compiled at the time of the test. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Mounting needs it. */
export const isRoot = process.getuid?.() === 0;
export const needsRoot = { skip: !isRoot && 'mounting a file system needs root' };

export function sh(script: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

/** Compiles a C file beside this one; installs a compiler where there is none. @returns the program's or library's path */
export function compile(name: string, into: string, ...options: string[]): string {
  const program = join(into, name);
  if (spawnSync('sh', ['-c', 'command -v cc']).status !== 0) {
    if (!isRoot) throw new Error('there is no C compiler: install gcc and libc6-dev');
    sh(
      'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y gcc libc6-dev >/dev/null',
    );
  }
  sh(`cc -O1 -o '${program}' ${options.join(' ')} '${join(import.meta.dirname, `${name}.c`)}' -ldl`);
  return program;
}

/** A file system of some megabytes for a test alone. */
export interface SmallDisk {
  readonly path: string;
  unmount(): void;
  /** Unmounts and mounts it again. */
  remount(): void;
}

export function smallDisk(kind: 'tmpfs' | 'ext4', path: string, megabytes: number): SmallDisk {
  mkdirSync(path, { recursive: true });
  const unmount = () => void sh(`umount '${path}'`);
  if (kind === 'tmpfs') {
    sh(`mount -t tmpfs -o size=${megabytes}m tmpfs '${path}'`);
    return { path, unmount, remount: () => sh(`mount -o remount '${path}'`) };
  }
  const image = `${path}.img`;
  sh(`truncate -s ${megabytes}M '${image}'; mkfs.ext4 -q -m0 '${image}'`);
  const mount = () => sh(`mount -o loop '${image}' '${path}'`);
  mount();
  return {
    path,
    unmount,
    remount: () => {
      unmount();
      mount();
    },
  };
}

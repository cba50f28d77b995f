/** device.py against linnet serve, where Python 3 is there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeviceRegistry, readFleet } from '@linnet/server';
import { newFolder, startServer, stored } from '../../packages/server/test/test-server.ts';

const here = import.meta.dirname;
const python = withPaho();

/** Python with paho in a virtual environment of its own, made once; nothing where there is no Python or no package index. */
function withPaho(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'linnet', 'paho-2.1.0');
  const own = join(folder, 'bin/python');
  if (existsSync(join(folder, 'complete'))) return own;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const runs = [
    ['python3', '-m', 'venv', folder],
    [
      own,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      join(here, 'requirements.txt'),
    ],
  ];
  for (const [command = '', ...args] of runs) {
    if (spawnSync(command, args, { stdio: 'ignore', timeout: 120_000 }).status !== 0) return undefined;
  }
  writeFileSync(join(folder, 'complete'), '');
  return own;
}

async function run(port: number, name: string, count: number, secret?: string): Promise<number> {
  const child = spawn(
    python as string,
    [join(here, 'device.py'), '127.0.0.1', String(port), name, String(count)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...(secret !== undefined && { SECRET: secret }) },
    },
  );
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test(
  'a plain device in Python: every reading that was answered is stored, once',
  {
    skip: python === undefined && 'Python 3 with venv and paho-mqtt is not to be had here',
  },
  async () => {
    const data = newFolder();
    const registry = new DeviceRegistry(data);
    const secret = await registry.add('p-1');
    registry.close();
    const server = await startServer({ data, mqtt: { anonymous: false } });
    assert.equal(await run(server.port, 'p-1', 50, secret), 0);
    assert.deepEqual(
      stored(data, 'p-1', 'n'),
      Array.from({ length: 50 }, (_, n) => n),
    );
    assert.equal(readFleet(data)[0]?.stored, 50);
    await server.close();
  },
);

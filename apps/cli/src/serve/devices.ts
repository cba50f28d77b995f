import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LinnetError } from '@linnet/core/base';
import { DeviceRegistry } from '@linnet/server';
import { textTable } from '../text-table.ts';

export interface DeviceOptions {
  readonly data: string;
  readonly tenant?: string;
  readonly output: 'text' | 'json';
}

/** `linnet device add`: stdout has the secret alone, so that it can go straight into a file. */
export async function addDevice(name: string, { data, tenant = '', output }: DeviceOptions): Promise<void> {
  const secret = await withRegistry(data, (registry) => registry.add(name, tenant));
  printSecret(name, secret, output);
}

export async function rotateDevice(name: string, { data, output }: DeviceOptions): Promise<void> {
  printSecret(name, await withRegistry(existing(data), (registry) => registry.rotate(name)), output);
}

export async function removeDevice(name: string, { data, output }: DeviceOptions): Promise<void> {
  await withRegistry(existing(data), (registry) => registry.remove(name));
  if (output === 'json') process.stdout.write(`${JSON.stringify({ device: name, removed: true })}\n`);
  else process.stderr.write(`linnet: ${name} is let in no more\n`);
}

export async function listDevices({ data, output }: DeviceOptions): Promise<void> {
  const entries = await withRegistry(existing(data), (registry) => registry.list());
  const rows = entries.map(({ device, tenant, added, rotated }) => ({
    device,
    tenant,
    added: new Date(added).toISOString(),
    rotated: rotated === null ? null : new Date(rotated).toISOString(),
  }));
  if (output === 'json') {
    process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return;
  }
  const columns = ['device', 'tenant', 'added', 'rotated'].map((title) => ({
    title,
    align: 'left' as const,
  }));
  process.stdout.write(
    textTable(
      columns,
      rows.map(({ device, tenant, added, rotated }) => [device, tenant, added, rotated ?? '']),
    ),
  );
}

function printSecret(device: string, secret: string, output: 'text' | 'json'): void {
  process.stdout.write(output === 'json' ? `${JSON.stringify({ device, secret })}\n` : `${secret}\n`);
  process.stderr.write(
    `linnet: the secret of ${device} is shown this once: user name ${device}, the secret as password\n`,
  );
}

/** A folder that holds no list is a mistake in --data, not an empty list. */
function existing(data: string): string {
  if (existsSync(join(data, 'devices.db'))) return data;
  throw new LinnetError(
    'io.not-found',
    `${data} holds no list of devices: check --data, or begin it with linnet device add`,
  );
}

async function withRegistry<T>(data: string, work: (registry: DeviceRegistry) => T | Promise<T>): Promise<T> {
  const registry = new DeviceRegistry(data);
  try {
    return await work(registry);
  } finally {
    registry.close();
  }
}

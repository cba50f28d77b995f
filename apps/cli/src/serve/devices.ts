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
  printSecret(name, await withRegistry(data, (registry) => registry.rotate(name)), output);
}

export async function removeDevice(name: string, { data, output }: DeviceOptions): Promise<void> {
  await withRegistry(data, (registry) => registry.remove(name));
  if (output === 'json') process.stdout.write(`${JSON.stringify({ device: name, removed: true })}\n`);
  else process.stderr.write(`linnet: ${name} is let in no more\n`);
}

export async function listDevices({ data, output }: DeviceOptions): Promise<void> {
  const entries = await withRegistry(data, (registry) => registry.list());
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

async function withRegistry<T>(data: string, work: (registry: DeviceRegistry) => T | Promise<T>): Promise<T> {
  const registry = new DeviceRegistry(data);
  try {
    return await work(registry);
  } finally {
    registry.close();
  }
}

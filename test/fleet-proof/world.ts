/** Where a case's fleet, server and broker live; whatever it started is ended with it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { compare } from '../../apps/cli/src/simulate/fleet/compare.ts';
import { Devices, type DevicesOptions } from '../../apps/cli/src/simulate/fleet/devices.ts';
import { readLedger } from '../../apps/cli/src/simulate/fleet/ledger.ts';
import { ServerProcess } from '../../apps/cli/src/simulate/fleet/server-process.ts';
import { startMosquitto, type Mosquitto } from '../../packages/agent/test/brokers.ts';
import { expect } from '../cases.ts';
import type { Count } from './case.ts';
import { plant, type Planted } from './plant.ts';

const MAIN = join(import.meta.dirname, '../../apps/cli/src/main.ts');
const LINNET = [process.execPath, '--conditions=source', MAIN] as const;
/** Begins the name of every device. */
export const RUN = 'proof';
/** When nothing fails any more, everything must be stored within this. */
const DRAIN_MS = 180_000;

export interface WorldOptions {
  readonly folder: string;
  readonly short: boolean;
  readonly seed: number;
  /** Even in 0 to 1. */
  readonly random: () => number;
  readonly planted: Planted | undefined;
}

export class World {
  readonly options: WorldOptions;
  readonly random: () => number;
  readonly store: string;
  private readonly servers: ServerProcess[] = [];
  private readonly brokers: Mosquitto[] = [];
  private readonly fleets: Devices[] = [];
  private broken: ((error: Error) => void) | undefined;
  private readonly failure = new Promise<never>((_, reject) => (this.broken = reject));

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = options.random;
    this.store = join(options.folder, 'store');
    mkdirSync(options.folder, { recursive: true });
    this.failure.catch(() => undefined);
  }

  /** As many as the short or the full form has. */
  pick(full: number, short: number): number {
    return this.options.short ? short : full;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  /** Ends a case early when a process of it ends by itself. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return Promise.race([work(), this.failure]);
  }

  /** `linnet serve`. @param within a command that runs it for us */
  async serve(
    more: { readonly broker?: string; readonly host?: string } = {},
    within: readonly string[] = [],
  ): Promise<ServerProcess> {
    const [program = '', ...args] = [...within, ...LINNET];
    const onFailure = (error: Error) => this.broken?.(error);
    const server = new ServerProcess({ command: [program, ...args], data: this.store, onFailure, ...more });
    this.servers.push(server);
    await server.start();
    return server;
  }

  async mosquitto(): Promise<Mosquitto> {
    const broker = await startMosquitto();
    this.brokers.push(broker);
    return broker;
  }

  async devices(
    options: Pick<DevicesOptions, 'devices' | 'processes' | 'intervalMs' | 'broker'> &
      Partial<DevicesOptions>,
  ): Promise<Devices> {
    const { folder, seed } = this.options;
    const devices = await Devices.open({
      run: RUN,
      folder,
      backlog: 0,
      seed,
      faults: [],
      forMs: 0,
      lossPercent: 0,
      linked: options.lossPercent !== undefined,
      onFailure: (error) => this.broken?.(error),
      ...options,
    });
    this.fleets.push(devices);
    return devices;
  }

  /** Lets all that is recorded be stored, ends everything, and compares. */
  async judge(devices: Devices): Promise<Count> {
    await devices.drain(DRAIN_MS);
    const { pending } = devices.counts;
    // Readings that are still on their devices are counted as lost.
    if (pending > 0)
      process.stderr.write(`fleet-proof: ${pending} readings were not stored in ${DRAIN_MS / 1000} s\n`);
    return this.compare(devices.ledgers, devices.wrongClocks);
  }

  /** Ends everything, and compares ledgers with the store. */
  async compare(ledgers: readonly string[], wrongClocks: ReadonlySet<number>): Promise<Count> {
    await this.end();
    const { planted } = this.options;
    if (planted !== undefined) plant(planted, RUN, this.store, ledgers[0] as string);
    const fates = new Map(ledgers.flatMap((path) => [...readLedger(path)]));
    const outcome = compare(this.store, { run: RUN, fates, wrongClocks });
    expect(outcome.recorded > 0, 'nothing was recorded');
    return outcome;
  }

  /** Servers commit what they took in; brokers and devices just end. */
  async end(): Promise<void> {
    for (const devices of this.fleets) devices.abandon();
    for (const server of this.servers) await server.stop();
    for (const broker of this.brokers.splice(0)) await broker.stop();
  }

  /** Ends everything at once. */
  abandon(): void {
    for (const devices of this.fleets) devices.abandon();
    for (const server of this.servers) server.abandon();
    for (const broker of this.brokers) void broker.kill();
  }
}

const LOOK_MS = 25;
const PATIENCE_MS = 90_000;

/** Looks again and again until it is so; how long it takes is the fleet's to say. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    expect(performance.now() < end, `not within ${PATIENCE_MS / 1000} s: ${what}`);
    await wait(LOOK_MS);
  }
}

/** A device in this process, so that its clock and its files are at hand. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { agent, type Agent } from '@linnet/agent';
import { deviceName } from '../../apps/cli/src/simulate/fleet/device-name.ts';
import type { LedgerWriter } from '../../apps/cli/src/simulate/fleet/ledger.ts';
import { expect } from '../cases.ts';
import { RUN, until } from './world.ts';

const DRAIN_MS = 60_000;
/** Small segments, so that some are done with soon. */
const BUFFER_BYTES = 64 << 10;

export class OwnDevice {
  readonly name: string;
  /** What its clock is ahead, ms. */
  aheadMs = 0;
  /** True time of its last reading, epoch ms. */
  lastAt = 0;
  private readonly place: number;
  private readonly folder: string;
  private readonly ledger: LedgerWriter;
  private own: Agent | undefined;
  private n = 0;

  constructor(place: number, folder: string, ledger: LedgerWriter) {
    this.place = place;
    this.name = deviceName(RUN, place);
    this.folder = join(folder, this.name);
    this.ledger = ledger;
  }

  async start(broker: string): Promise<void> {
    this.own = await agent({
      id: this.name,
      broker,
      buffer: this.folder,
      maxBytes: BUFFER_BYTES,
      wallClock: () => Date.now() + this.aheadMs,
    });
  }

  async connected(): Promise<void> {
    await until(`${this.name} is connected`, () => this.own?.stats().connected === true);
  }

  async record(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const reading = [[this.place, this.n]] as const;
      this.ledger.begin(reading);
      this.lastAt = Date.now();
      const recorded = await this.own?.record({ n: this.n++, at: this.lastAt, temperature: 20 + (i % 7) });
      this.ledger.end(reading, recorded === true);
    }
  }

  async drained(): Promise<void> {
    expect((await this.own?.drained(DRAIN_MS)) === true, `${this.name} did not get rid of its readings`);
  }

  async close(): Promise<void> {
    await this.own?.close();
    this.own = undefined;
  }

  /** Copies the files of its buffer away. */
  backUp(to: string): void {
    cpSync(this.folder, to, { recursive: true });
  }

  /** Puts back the files that it was done with since. @returns how many */
  putBack(from: string): number {
    const gone = readdirSync(from).filter((file) => !existsSync(join(this.folder, file)));
    for (const file of gone) cpSync(join(from, file), join(this.folder, file));
    return gone.length;
  }
}

/** A device: the real log, recorder and sender over a disk, a clock and a link that fail. */
import { deflateRawSync } from 'node:zlib';
import { deviceTopics, encodePayload } from '@linnet/core/wire';
import { MemoryDisk } from '../../packages/agent/sim/memory-disk.ts';
import { Log } from '../../packages/agent/src/log/log.ts';
import { Recorder } from '../../packages/agent/src/log/recorder.ts';
import { Sender, type Effect, type SenderEvent } from '../../packages/agent/src/sender/sender.ts';
import type { Chance } from '../world.ts';
import type { Connection } from './connection.ts';
import type { Ledger } from './ledger.ts';
import type { Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';

export interface DeviceWorld {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly ledger: Ledger;
  readonly epochMs: number;
  /** Opens a connection; the device hears of it later. */
  readonly connect: (device: Device) => Connection;
}

const MARK_EVERY_MS = 5000;
const DRAWN = [0x9e3779b9, 0x85ebca6b] as const;

export class Device {
  readonly id: string;
  private readonly world: DeviceWorld;
  private disk = this.newDisk();
  private running: Running | undefined;
  private skewMs = 0;
  private faulty = true;

  constructor(id: string, world: DeviceWorld) {
    this.id = id;
    this.world = world;
  }

  get pending(): number {
    return this.running?.pending ?? 0;
  }

  get isUp(): boolean {
    return this.running !== undefined;
  }

  /** Device's wall clock, epoch ms. */
  get wall(): number {
    return this.world.epochMs + this.world.timeline.now + this.skewMs;
  }

  start(): void {
    const { ledger, chance, scenario } = this.world;
    if (this.running !== undefined) return;
    const { replay } = scenario.every;
    if (replay < Infinity && chance.holds(0.3)) ledger.putBack(this.id, this.disk);
    this.running = new Running(this, this.disk, this.world);
  }

  record(): void {
    this.running?.record(this.world.ledger.recording(this.id));
  }

  /** Something comes over a connection; those that were given up are no longer ours. */
  heard(connection: Connection, event: SenderEvent): void {
    this.running?.heard(connection, event);
  }

  /** The run is over: what was given up is counted. */
  end(): void {
    if (this.running !== undefined) this.world.ledger.ended(this.id, this.running.log);
  }

  /** The process ends; what it wrote stays with the system. */
  kill(): void {
    const { running, world } = this;
    if (running === undefined) return;
    world.ledger.ended(this.id, running.log);
    running.stop();
    this.running = undefined;
    world.timeline.after(world.chance.int(5000), () => this.start());
  }

  powerCut(): void {
    if (this.running === undefined) return;
    this.kill();
    this.disk.crash(() => this.world.chance.next());
  }

  /** All that was on the device is gone. */
  reinstall(): void {
    this.kill();
    this.world.ledger.wiped(this.id);
    this.disk = this.newDisk();
  }

  jump(ms: number): void {
    this.skewMs += ms;
  }

  /** A byte on the disk rots while the device is off. */
  flip(): void {
    const { chance, ledger } = this.world;
    this.kill();
    const files = [...this.disk.files.values()].filter(({ bytes }) => bytes.length > 0);
    if (files.length === 0) return;
    const { bytes } = chance.pick(files);
    const at = chance.int(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << chance.int(8));
    ledger.flipped(this.id);
  }

  /** From here on the disk is sound. */
  repair(): void {
    this.faulty = false;
  }

  private newDisk(): MemoryDisk {
    const fails = (codes: readonly string[]) => {
      const { chance, scenario } = this.world;
      return this.faulty && chance.holds(scenario.diskFails) ? chance.pick(codes) : undefined;
    };
    return new MemoryDisk({
      fault: (call) => {
        if (call === 'write') return fails(['ENOSPC', 'EIO', 'short']);
        return call === 'sync' ? fails(['EIO']) : undefined;
      },
      later: (work) => this.world.timeline.after(this.world.chance.int(20), work),
    });
  }
}

/** One life of the agent: what `agent()` does, on ports. */
class Running {
  readonly log: Log;
  private readonly device: Device;
  private readonly world: DeviceWorld;
  private readonly recorder: Recorder;
  private readonly sender: Sender;
  private readonly bootedAt: number;
  private connection: Connection | undefined;
  private wakes = 0;
  private over = false;

  constructor(device: Device, disk: MemoryDisk, world: DeviceWorld) {
    const { scenario, chance, ledger } = world;
    this.device = device;
    this.world = world;
    this.bootedAt = world.timeline.now;
    const { onFull, bytesMax } = scenario;
    const newIncarnation = () => drawn(chance);
    this.log = new Log(ledger.watch(device.id, disk), { bytesMax, onFull, newIncarnation });
    this.recorder = new Recorder(this.log, 'always', onFull, {
      soon: (work) => this.after(0, work),
      later: (ms, work) => this.after(ms, work),
      onStored: (records) => this.step({ kind: 'stored', records }),
    });
    this.sender = new Sender(this.log, {
      device: device.id,
      incarnation: this.log.incarnation,
      topics: deviceTopics(device.id),
      credentials: {},
      keepAliveSeconds: 30,
      sessionExpirySeconds: 3600,
      mqtt: 'auto',
      sendEveryMs: 0,
      statusEveryMs: 60_000,
      deflate: (bytes, dictionary) => deflateRawSync(bytes, { level: 1, ...(dictionary && { dictionary }) }),
      random: () => chance.next(),
      status: () => ({ pending: this.log.pending }),
    });
    this.markEvery();
    this.step({ kind: 'wake' });
  }

  get pending(): number {
    return this.log.pending + this.recorder.waiting;
  }

  record(n: number): void {
    const { ledger, scenario, chance } = this.world;
    const noise = Array.from({ length: scenario.noise >> 3 }, () => chance.int(2 ** 32).toString(36)).join(
      '',
    );
    const payload = encodePayload({ n, noise });
    const draft = { at: this.device.wall, mono: this.mono, payload };
    this.recorder.record(draft, (stored) => {
      if (!this.over) ledger.recorded(n, stored);
    });
  }

  step(event: SenderEvent): void {
    if (this.over) return;
    const { acked } = this.log.counters;
    for (const effect of this.sender.step(event, { mono: this.mono, wall: this.device.wall }))
      this.apply(effect);
    if (this.log.counters.acked > acked) this.recorder.retry();
    const nth = ++this.wakes;
    const wait = this.sender.wakeAt - this.mono;
    if (wait < Infinity) this.after(wait, () => nth === this.wakes && this.step({ kind: 'wake' }));
  }

  heard(connection: Connection, event: SenderEvent): void {
    if (this.connection !== connection) return;
    if (event.kind === 'closed') this.connection = undefined;
    this.step(event);
  }

  stop(): void {
    this.over = true;
    this.connection?.cut(false, this.world.chance.holds(0.7));
  }

  private get mono(): number {
    return this.world.timeline.now - this.bootedAt;
  }

  private apply(effect: Effect): void {
    if (effect.kind === 'send') {
      this.connection?.up(effect.packet);
      return;
    }
    this.connection?.cut(false, true);
    this.connection = effect.kind === 'connect' ? this.world.connect(this.device) : undefined;
  }

  private markEvery(): void {
    this.after(MARK_EVERY_MS, () => {
      this.log.mark();
      this.markEvery();
    });
  }

  private after(ms: number, work: () => void): void {
    this.world.timeline.after(ms, () => {
      if (!this.over) work();
    });
  }
}

/** 16 hexadecimal digits. */
function drawn(chance: Chance): string {
  return DRAWN.map((salt) => ((chance.int(2 ** 32) ^ salt) >>> 0).toString(16).padStart(8, '0')).join('');
}

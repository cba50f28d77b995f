/** A fleet on virtual time: the agents' log, recorder and sender and the server's ingest, as the simulator runs them, over one link. */
import { Broker } from '../../sim/fleet/broker.ts';
import { Connection } from '../../sim/fleet/connection.ts';
import { Device } from '../../sim/fleet/device.ts';
import { Ledger } from '../../sim/fleet/ledger.ts';
import { NEVER, type Scenario } from '../../sim/fleet/scenario.ts';
import { Server, type Row } from '../../sim/fleet/server.ts';
import { Timeline } from '../../sim/fleet/timeline.ts';
import { Chance } from '../../sim/world.ts';
import type { Count } from './case.ts';

const EPOCH_MS = 1_700_000_000_000;
const LATENCY_MS = 50;

export class VirtualFleet {
  readonly ledger: Ledger;
  readonly timeline = new Timeline();
  private readonly chance: Chance;
  private readonly scenario: Scenario;
  private readonly server: Server;
  private readonly broker: Broker;
  private readonly devices: readonly Device[];
  private readonly connections = new Set<Connection>();
  private isDown = false;

  constructor(seed: number, devices: number, recordEveryMs: number) {
    const { timeline } = this;
    const chance = (this.chance = new Chance(seed));
    this.scenario = {
      calm: false,
      devices,
      broker: 'embedded',
      drops: 0,
      faultsMs: 0,
      every: NEVER,
      diskFails: 0,
      commitFails: 0,
      latencyMs: LATENCY_MS,
      bandwidth: 100_000,
      recordEveryMs,
      backlog: 0,
      noise: 0,
      onFull: 'drop-oldest',
      bytesMax: 64 << 20,
    };
    this.ledger = new Ledger(timeline, chance);
    this.server = new Server(this.scenario, timeline, chance, EPOCH_MS, ({ device, bytes }) =>
      this.broker.acknowledge(device, bytes),
    );
    this.broker = new Broker(this.scenario, timeline, chance, (message) => this.server.receive(message));
    const { ledger, scenario } = this;
    const connect = (device: Device) => this.connect(device);
    const world = { scenario, timeline, chance, ledger, epochMs: EPOCH_MS, connect };
    this.devices = Array.from({ length: devices }, (_, i) => new Device(`d${i}`, world));
  }

  get pending(): number {
    return this.devices.reduce((sum, device) => sum + device.pending, 0);
  }

  get rows(): readonly Row[] {
    return this.server.rows;
  }

  /** Every device starts and records at its own moments until `until`, virtual ms. */
  start(until: number): void {
    const { timeline, scenario, chance } = this;
    for (const device of this.devices) {
      device.start();
      const again = () => {
        if (timeline.now > until) return;
        device.record();
        timeline.after(scenario.recordEveryMs, again);
      };
      timeline.after(chance.int(scenario.recordEveryMs), again);
    }
  }

  /** The link of all of them is gone; half of the ends notice, the others find out. */
  down(): void {
    this.isDown = true;
    for (const connection of this.connections) connection.cut(this.chance.holds(0.5), this.chance.holds(0.5));
    this.connections.clear();
  }

  up(): void {
    this.isDown = false;
  }

  count(rows: readonly Row[]): Count {
    const copies = new Map<number, number>();
    for (const { n } of rows) copies.set(n, (copies.get(n) ?? 0) + 1);
    const recorded = this.ledger.recordings.filter((one) => one.recorded);
    const lost = recorded.filter(({ n }) => !copies.has(n)).length;
    const duplicated = rows.length - copies.size;
    const last = new Map<string, number>();
    let outOfOrder = 0;
    for (const { n, device, live } of rows) {
      const lane = `${device} ${live ? 'live' : 'backlog'}`;
      if (n < (last.get(lane) ?? -1)) outOfOrder++;
      last.set(lane, n);
    }
    return { recorded: recorded.length, stored: recorded.length - lost, lost, duplicated, outOfOrder };
  }

  private connect(device: Device): Connection {
    const { timeline, broker, scenario, chance } = this;
    const connection: Connection = new Connection(
      timeline,
      {
        toBroker: (packet) => broker.receive(device.id, connection, packet),
        toDevice: (packet) => device.heard(connection, { kind: 'packet', packet }),
        closedAtBroker: () => broker.gone(device.id, connection),
        closedAtDevice: () => {
          this.connections.delete(connection);
          device.heard(connection, { kind: 'closed' });
        },
      },
      LATENCY_MS,
      scenario.bandwidth,
    );
    this.connections.add(connection);
    timeline.after(LATENCY_MS, () => {
      if (!this.isDown) device.heard(connection, { kind: 'opened' });
      else connection.cut(chance.holds(0.5), true);
    });
    return connection;
  }
}

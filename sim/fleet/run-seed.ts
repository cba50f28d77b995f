import { Chance } from '../world.ts';
import { Broker } from './broker.ts';
import { Connection } from './connection.ts';
import { Device } from './device.ts';
import { Ledger } from './ledger.ts';
import { judge, judgeLive } from './oracle.ts';
import { makeScenario, type Scenario } from './scenario.ts';
import { Server } from './server.ts';
import { Timeline } from './timeline.ts';

const EPOCH_MS = 1_700_000_000_000;
/** When nothing fails any more, everything must be stored within this. */
const DRAIN_MS = 1_800_000;
const CALM_AFTER_MS = 5000;
const HOUR = 3_600_000;

/**
 * A fleet of agents, a link, a broker and a server, through everything that fails, until all is stored.
 * @returns what is wrong with what is stored, or nothing
 */
export function runSeed(seed: number): Promise<string | undefined> {
  try {
    return Promise.resolve(new Fleet(seed).verdict());
  } catch (error) {
    return Promise.resolve(`an error that is no crash: ${(error as Error).stack}`);
  }
}

export class Fleet {
  readonly scenario: Scenario;
  readonly ledger: Ledger;
  readonly server: Server;
  readonly devices: readonly Device[];
  private readonly chance: Chance;
  private readonly timeline = new Timeline();
  private readonly broker: Broker;
  private readonly connections = new Map<Device, Connection>();
  /** Devices without a link, by how many outages. */
  private readonly cutOff = new Map<Device, number>();
  private calmedDown = false;

  constructor(seed: number) {
    const chance = new Chance(seed);
    const { timeline } = this;
    this.chance = chance;
    this.scenario = makeScenario(chance);
    this.ledger = new Ledger(timeline, chance);
    this.server = new Server(this.scenario, timeline, chance, EPOCH_MS, ({ device, bytes }) =>
      this.broker.acknowledge(device, bytes),
    );
    this.broker = new Broker(this.scenario, timeline, chance, (message) => this.server.receive(message));
    const world = {
      scenario: this.scenario,
      timeline,
      chance,
      ledger: this.ledger,
      epochMs: EPOCH_MS,
      connect: (device: Device) => this.connect(device),
    };
    this.devices = Array.from({ length: this.scenario.devices }, (_, i) => new Device(`d${i}`, world));
  }

  verdict(): string | undefined {
    const { devices, scenario, timeline, ledger, server } = this;
    this.begin();
    timeline.run(scenario.faultsMs);
    this.calmedDown = true;
    this.cutOff.clear();
    for (const device of devices) device.repair();
    // Recording goes on a little, so that what is stuck behind a failed try has a reason to move.
    timeline.run(scenario.faultsMs + CALM_AFTER_MS);
    const drained = () => devices.every((device) => device.isUp && device.pending === 0);
    timeline.run(scenario.faultsMs + DRAIN_MS, drained);
    for (const device of devices) device.end();
    const left = devices.filter((device) => device.pending > 0);
    if (left.length > 0)
      return `${left.map(({ id, pending }) => `${id} still has ${pending} readings`).join(', ')}`;
    const { rows } = server;
    const from = this.broker.connectedAt + CALM_AFTER_MS;
    return judge(ledger, rows) ?? (scenario.calm ? judgeLive(ledger, rows, from, EPOCH_MS) : undefined);
  }

  /** Records what devices have from before they are connected, and lets everything go. */
  private begin(): void {
    const { devices, scenario, timeline } = this;
    for (const device of devices) {
      this.cutOff.set(device, 1);
      device.start();
      for (let i = 0; i < scenario.backlog; i++) device.record();
    }
    timeline.run(1000);
    for (const device of devices) {
      this.cutOff.delete(device);
      this.keepRecording(device);
      this.fail(device);
    }
    const { serverKill, brokerKill, replay } = scenario.every;
    this.often(serverKill, () => this.killServer());
    this.often(brokerKill, () => this.killBroker());
    this.often(replay, () => this.broker.replay());
  }

  private keepRecording(device: Device): void {
    const { timeline, scenario, chance } = this;
    timeline.after(scenario.recordEveryMs * (0.5 + chance.next()), () => {
      if (timeline.now > scenario.faultsMs + CALM_AFTER_MS) return;
      for (let i = chance.pick([1, 1, 1, 5]); i > 0; i--) device.record();
      this.keepRecording(device);
    });
  }

  private fail(device: Device): void {
    const { every } = this.scenario;
    this.often(every.reset, () =>
      this.connections.get(device)?.cut(this.chance.holds(0.7), this.chance.holds(0.7)),
    );
    this.often(every.outage, () => this.outage(device));
    this.often(every.kill, () => device.kill());
    this.often(every.powerCut, () => device.powerCut());
    this.often(every.reinstall, () => device.reinstall());
    this.often(every.bitFlip, () => device.flip());
    this.often(every.clockJump, () => device.jump(this.chance.pick([-HOUR, 60_000, HOUR, 30 * 24 * HOUR])));
  }

  private outage(device: Device): void {
    const count = (this.cutOff.get(device) ?? 0) + 1;
    this.cutOff.set(device, count);
    this.connections.get(device)?.cut(this.chance.holds(0.5), false);
    this.timeline.after(this.chance.int(20_000), () => {
      const left = (this.cutOff.get(device) ?? 1) - 1;
      if (left > 0) this.cutOff.set(device, left);
      else this.cutOff.delete(device);
    });
  }

  private killServer(): void {
    const downMs = this.chance.int(5000);
    this.server.kill(downMs);
    // They are one process.
    if (this.scenario.broker === 'embedded') this.broker.kill(downMs);
  }

  private killBroker(): void {
    if (this.scenario.broker === 'embedded') this.killServer();
    else this.broker.kill(this.chance.int(5000));
  }

  /** Does something again and again, at times of its own, until faults are over. */
  private often(meanMs: number, work: () => void): void {
    if (meanMs === Infinity) return;
    this.timeline.after(-Math.log(1 - this.chance.next()) * meanMs, () => {
      if (this.calmedDown) return;
      work();
      this.often(meanMs, work);
    });
  }

  private connect(device: Device): Connection {
    const { timeline, broker, chance, scenario } = this;
    const connection: Connection = new Connection(
      timeline,
      {
        toBroker: (packet) => broker.receive(device.id, connection, packet),
        toDevice: (packet) => device.heard(connection, { kind: 'packet', packet }),
        closedAtBroker: () => broker.gone(device.id, connection),
        closedAtDevice: () => device.heard(connection, { kind: 'closed' }),
      },
      scenario.latencyMs * (0.5 + chance.next()),
      scenario.bandwidth,
    );
    this.connections.set(device, connection);
    timeline.after(scenario.latencyMs, () => {
      const reachable = !this.cutOff.has(device) && broker.isUp;
      if (reachable) device.heard(connection, { kind: 'opened' });
      else connection.cut(scenario.calm || chance.holds(0.8), true);
    });
    return connection;
  }
}

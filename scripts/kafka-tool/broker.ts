/** One Apache Kafka broker (KRaft, broker and controller in one process), on loopback, from Maven Central. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { cached } from './cache.ts';
import { brokersOf } from './metadata.ts';
import { has, installDebian, run } from './run.ts';

/**
 * Not the newest: 4.4.0, alone and killed in the middle of a transaction, says when it is started again that the transaction was
 * committed or aborted without writing that to the topics ("Couldn't find leader endpoint for partitions …, these partitions are
 * likely deleted already and hence can be skipped"), which tears transactions apart.
 */
export const VERSION = '4.1.1';
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk';
const READY_MS = 60_000;

type Settings = Readonly<Record<string, string>>;

export interface BrokerOptions {
  /** Holds settings, log and data. */
  readonly folder: string;
  /** 0: any free one, kept in the folder. */
  readonly port: number;
  /** Settings of the broker over ours, or what makes them of ours. */
  readonly settings?: Settings | ((own: Settings) => Settings);
  /** More arguments of the command that formats the storage: users for SCRAM, say. */
  readonly format?: readonly string[];
}

export interface Broker {
  readonly bootstrap: string;
  readonly pid: number;
}

/** Why no broker can run here, or undefined. */
export function whyNoBroker(): string | undefined {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error !== undefined) return 'Java is missing: Apache Kafka needs Java 17 or newer';
  const version = Number(/version "(\d+)/.exec(java.stderr)?.[1] ?? 0);
  return version >= 17 ? undefined : `Java ${version} is too old: Apache Kafka needs Java 17 or newer`;
}

/** Starts a broker that outlives this process, or finds the one that runs in the folder; resolves when it answers. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const why = whyNoBroker();
  if (why !== undefined) throw new Error(why);
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const classes = join(jars(), '*');
  const port = await settle(options, classes);
  const bootstrap = `127.0.0.1:${port}`;
  const running = pidIn(folder);
  if (running !== undefined) {
    await ready(port, running, folder);
    return { bootstrap, pid: running };
  }
  const log = openSync(join(folder, 'server.log'), 'a');
  const java = ['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-Djava.awt.headless=true', '-cp', classes];
  const child = spawn('java', [...java, 'kafka.Kafka', join(folder, 'server.properties')], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
  });
  await once(child, 'spawn');
  child.unref();
  const pid = child.pid as number;
  writeFileSync(join(folder, 'pid'), String(pid));
  await ready(port, pid, folder);
  return { bootstrap, pid };
}

/** Ends the broker of a folder; its data stay unless `wipe`. Says whether one ran. */
export async function stopBroker(folder: string, { wipe = false, kill = false } = {}): Promise<boolean> {
  const pid = pidIn(folder);
  if (pid !== undefined) {
    process.kill(pid, kill ? 'SIGKILL' : 'SIGTERM');
    for (let waited = 0; isAlive(pid); waited += 50) {
      if (waited === 15_000) process.kill(pid, 'SIGKILL');
      await after(50);
    }
  }
  rmSync(join(folder, 'pid'), { force: true });
  if (wipe) rmSync(folder, { recursive: true, force: true });
  return pid !== undefined;
}

/** The broker's jars, downloaded once. */
function jars(): string {
  return cached(`broker-${VERSION}`, (part) => {
    if (!has('mvn') && !installDebian(['maven'])) {
      throw new Error('Maven is missing: install it (Debian: apt-get install maven) and try again');
    }
    process.stderr.write(`linnet: downloading Apache Kafka ${VERSION} (once, 43 MB)\n`);
    const pom = join(part, 'pom.xml');
    writeFileSync(pom, POM);
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime'];
    run('mvn', [...args, `-DoutputDirectory=${part}`], { cwd: part });
  });
}

/** Writes the settings and formats the storage, the first time. Returns the port. */
async function settle(
  { folder, port, settings, format: more = [] }: BrokerOptions,
  classes: string,
): Promise<number> {
  const file = join(folder, 'server.properties');
  const chosen = join(folder, 'port');
  if (existsSync(join(folder, 'formatted'))) return Number(readFileSync(chosen, 'utf8'));
  const [own, controller] = [port === 0 ? await freePort() : port, await freePort()];
  const ours = settingsFor(own, controller, folder);
  const all = { ...ours, ...(typeof settings === 'function' ? settings(ours) : settings) };
  writeFileSync(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  writeFileSync(chosen, String(own));
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file, ...more];
  run('java', ['-cp', classes, ...format], { cwd: folder });
  writeFileSync(join(folder, 'formatted'), '');
  return own;
}

function settingsFor(port: number, controller: number, folder: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    // A member that died gives its partitions up after this long.
    'group.consumer.session.timeout.ms': '6000',
    'group.consumer.min.session.timeout.ms': '3000',
    'group.consumer.heartbeat.interval.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '500',
  };
}

async function ready(port: number, pid: number, folder: string): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (!isAlive(pid)) {
      const log = readFileSync(join(folder, 'server.log'), 'utf8').trimEnd().split('\n').slice(-5).join('\n');
      throw new Error(`the broker ended while it started; its log is ${join(folder, 'server.log')}:\n${log}`);
    }
    const brokers = await brokersOf('127.0.0.1', port).catch(() => 0);
    if (brokers > 0) return;
    await after(100);
  }
  throw new Error(
    `the broker did not answer within ${READY_MS / 1000} s; its log is ${join(folder, 'server.log')}`,
  );
}

function pidIn(folder: string): number | undefined {
  const file = join(folder, 'pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  return isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** A killed child that was not waited for yet is gone all the same. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>linnet</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;

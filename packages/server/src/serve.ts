import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { parseBroker, type Broker, type TlsFiles } from '@linnet/agent';
import { LinnetError } from '@linnet/core/base';
import { openAlertSink } from './alerts/alert-sink.ts';
import { Courier } from './alerts/courier.ts';
import { ExternalBroker } from './external/external-broker.ts';
import { EmbeddedBroker, listenFor, type EmbeddedOptions } from './broker/embedded.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { Mapping } from './mapping/mapping.ts';
import type { ThreadData } from './thread/messages.ts';
import type { Alert } from './watch/alert.ts';
import { detectorSpec, type DetectorOptions } from './watch/detector.ts';
import { StoreThread, type StoreEvents } from './thread/store-thread.ts';

export interface ServeOptions {
  /** Folder of the store. */
  readonly data: string;
  /** The embedded broker; port 0 takes any that is free. One of `mqtt` and `broker` must be given, both may. */
  readonly mqtt?: Partial<EmbeddedOptions>;
  /** A broker of others. */
  readonly broker?: ExternalSettings;
  /** Folder of models (*.linnet) that gateways may use. */
  readonly models?: string;
  /** Topic -> sensor, region, metric; left out: `tele/{device}` and `tele/{device}/{metric}`. */
  readonly mapping?: { readonly config: unknown; readonly file: string };
  /** z-score by sensor and metric; default rolling with threshold 2. */
  readonly detect?: DetectorOptions;
  /** How far a device's clock may be off and still be believed; default 5 minutes. */
  readonly clockToleranceMs?: number;
  readonly onAlert?: (alert: Alert) => void;
  /**
   * Where alerts go too: `slack`, `webhook`, `file:PATH`. They are stored by the transaction that raised them and stay until taken. Of
   * several instances on one store, give them to one.
   */
  readonly alerts?: readonly string[];
  /** Told of troubles of a part that are tried again, and undefined when it works (the broker of others: for the first time, too). */
  readonly onTrouble?: (message: string | undefined, part: 'store' | 'broker') => void;
  /** Told of what becomes of alerts that a sink does not take at once. */
  readonly onAlertTrouble?: (message: string) => void;
  /** Told of each connection, message or subscription that is not let in. */
  readonly onRefused?: (why: string) => void;
}

export interface ExternalSettings {
  /** mqtt://host[:port] or mqtts://host[:port]; a user may stand in it. */
  readonly url: string;
  readonly password?: string;
  readonly tls?: TlsFiles;
  /** Several instances on one store share the messages: name of the shared subscription. */
  readonly share?: string;
}

export interface Server {
  /** Address of the embedded broker, or of the external one where there is no embedded one. */
  readonly url: string;
  /** Stops taking in, commits what was taken in, and leaves. */
  close(): Promise<void>;
}

const PORT = { plain: 1883, tls: 8883 };

/** A frame may have waited that long in an external broker. */
const DELAY_MAX_MS = 86_400_000;
/** How long a frame waits for one that another instance is storing. */
const HOLD_MS = 500;

/**
 * Takes in what a fleet sends until it is closed.
 * @throws LinnetError `io.failed` when the store or the port cannot be opened, `config.invalid`
 */
export async function serve(options: ServeOptions): Promise<Server> {
  if (options.mqtt === undefined && options.broker === undefined) {
    throw new LinnetError(
      'config.invalid',
      'serve needs a broker: mqtt for the embedded one, broker for another',
    );
  }
  // Whatever is wrong with them is told before anything is made.
  detectorSpec(options.detect ?? {});
  const mapping = new Mapping(options.mapping?.config, options.mapping?.file);
  const external = options.broker && parseBroker(options.broker.url, options.broker.tls);
  checkShare(options.broker?.share);
  const told = (message: string) => options.onAlertTrouble?.(message);
  const sinks = [...new Set(options.alerts)].map((name) => ({ name, writer: openAlertSink(name, told) }));
  const parts: Parts = {};
  const embedded = options.mqtt && withDefaults(options.mqtt);
  // A device that comes before all is ready waits until it is.
  const early = new Set<Socket>();
  const listening =
    embedded &&
    (await listenFor(embedded, (socket) => {
      if (parts.embedded !== undefined) return parts.embedded.connected(socket);
      early.add(socket);
      socket.once('error', () => early.delete(socket));
    }));
  try {
    const registry = (parts.registry = new DeviceRegistry(options.data));
    const store = (parts.store = await StoreThread.start(threadData(options), eventsOf(parts, options)));
    parts.couriers = sinks.map(
      ({ name, writer }) => new Courier(name, writer, (sink, taken) => store.alerts(sink, taken), told),
    );
    if (embedded !== undefined && listening !== undefined) {
      const refused = (why: string) => options.onRefused?.(why);
      parts.embedded = await EmbeddedBroker.start(listening, embedded, registry, store, refused);
      for (const socket of early) if (!socket.destroyed) parts.embedded.connected(socket);
      early.clear();
    }
    if (external !== undefined) parts.external = externalBroker(external, options, mapping, registry, store);
  } catch (error) {
    listening?.close();
    for (const socket of early) socket.destroy();
    await closeAll(parts);
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    url: parts.embedded && embedded ? addressOf(embedded, parts.embedded.port) : (options.broker?.url ?? ''),
    close: () => (closing ??= closeAll(parts, told)),
  };
}

interface Parts {
  couriers?: Courier[];
  embedded?: EmbeddedBroker;
  external?: ExternalBroker;
  store?: StoreThread;
  registry?: DeviceRegistry;
}

function withDefaults(mqtt: Partial<EmbeddedOptions>): EmbeddedOptions {
  const { host = '127.0.0.1', tls } = mqtt;
  return { ...mqtt, host, port: mqtt.port ?? (tls === undefined ? PORT.plain : PORT.tls) };
}

function addressOf({ host, tls }: EmbeddedOptions, port: number): string {
  return `${tls === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function checkShare(share: string | undefined): void {
  if (share === undefined || /^[\w.-]{1,64}$/.test(share)) return;
  throw new LinnetError(
    'config.invalid',
    `${JSON.stringify(share)} is no name of a shared subscription: A-Z a-z 0-9 . _ -`,
  );
}

function externalBroker(
  broker: Broker,
  { broker: settings, data, onTrouble }: ServeOptions,
  mapping: Mapping,
  registry: DeviceRegistry,
  intake: StoreThread,
): ExternalBroker {
  const { share, password } = settings as ExternalSettings;
  const prefix = share === undefined ? '' : `$share/${share}/`;
  // Instances that share a store must not share a session; one that starts again must find its own.
  const own = share === undefined ? realpathSync(data) : `${realpathSync(data)} ${process.pid}`;
  const clientId = `linnet-${createHash('sha256').update(`${hostname()} ${own}`).digest('hex').slice(0, 12)}`;
  return new ExternalBroker({
    broker,
    ...(password !== undefined && { password }),
    clientId,
    filters: mapping.filters().map((filter) => prefix + filter),
    intake,
    tenantOf: tenants(mapping, registry),
    trouble: (message) =>
      onTrouble?.(message === undefined ? undefined : `broker ${settings?.url}: ${message}`, 'broker'),
  });
}

/** Tenants by topic, from the list of devices; what is known is asked again once the list changes. */
function tenants(mapping: Mapping, registry: DeviceRegistry): (topic: string) => string {
  const known = new Map<string, string>();
  let checked = 0;
  let { version } = registry;
  return (topic) => {
    const device = mapping.of(topic)?.device ?? mapping.of(topic.replace(/\/status$/, ''))?.device;
    if (device === undefined) return '';
    const now = performance.now();
    if (now - checked > 1000) {
      checked = now;
      if (registry.version !== version || known.size > 100_000) known.clear();
      ({ version } = registry);
    }
    let tenant = known.get(device);
    if (tenant === undefined) {
      tenant = registry.credential(device)?.tenant ?? '';
      known.set(device, tenant);
    }
    return tenant;
  };
}

function threadData({
  data,
  models,
  mapping,
  detect = {},
  clockToleranceMs,
  broker,
  alerts,
}: ServeOptions): ThreadData {
  return {
    store: data,
    ...(models !== undefined && { models }),
    detect,
    // Another instance on this store may have some.
    ...((alerts !== undefined || broker?.share === undefined) && { alertSinks: alerts ?? [] }),
    ...(mapping !== undefined && { mapping }),
    tuning: {
      ...(clockToleranceMs !== undefined && { clockToleranceMs }),
      ...(broker !== undefined && { delayMaxMs: DELAY_MAX_MS }),
      ...(broker?.share !== undefined && { holdMs: HOLD_MS }),
    },
  };
}

function eventsOf(parts: Parts, { onTrouble, onAlert }: ServeOptions): StoreEvents {
  return {
    alerts: (alerts) => {
      if (onAlert !== undefined) for (const alert of alerts) onAlert(alert);
      for (const courier of parts.couriers ?? []) courier.run();
    },
    ack: (ack) => {
      parts.embedded?.ack(ack);
      parts.external?.ack(ack);
    },
    committed: () => {
      parts.embedded?.resume();
      parts.external?.resume();
    },
    trouble: (message) => onTrouble?.(message, 'store'),
    failed: (error) => {
      throw error;
    },
  };
}

/** Sources first: what was taken in is still committed. */
async function closeAll(
  { embedded, external, store, registry, couriers = [] }: Parts,
  told: (message: string) => void = () => undefined,
): Promise<void> {
  await embedded?.close();
  // Its answers go out before the connection ends.
  await store?.idle();
  external?.close();
  const left = Math.max(0, ...(await Promise.all(couriers.map((courier) => courier.finish()))));
  if (left > 0) told('alerts that were not taken stay in the store: they go out when it is started again');
  await store?.close();
  registry?.close();
}

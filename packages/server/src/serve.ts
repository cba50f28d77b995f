import type { Socket } from 'node:net';
import { EmbeddedBroker, listenFor, type EmbeddedOptions } from './broker/embedded.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { StoreThread, type StoreEvents } from './thread/store-thread.ts';

export interface ServeOptions {
  /** Folder of the store. */
  readonly data: string;
  /** The embedded broker; port 0 takes any that is free. */
  readonly mqtt: Partial<EmbeddedOptions>;
  /** Folder of models (*.linnet) that gateways may use. */
  readonly models?: string;
  /** Told of troubles that are tried again, and undefined when all is well again. */
  readonly onTrouble?: (message: string | undefined) => void;
  /** Told of each connection, message or subscription that is not let in. */
  readonly onRefused?: (why: string) => void;
}

export interface Server {
  /** Address of the embedded broker. */
  readonly url: string;
  /** Stops taking in, commits what was taken in, and leaves. */
  close(): Promise<void>;
}

const PORT = { plain: 1883, tls: 8883 };

/**
 * Takes in what a fleet sends until it is closed.
 * @throws LinnetError `io.failed` when the store or the port cannot be opened, `config.invalid`
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host = '127.0.0.1', tls } = options.mqtt;
  const port = options.mqtt.port ?? (tls === undefined ? PORT.plain : PORT.tls);
  const embedded = { ...options.mqtt, host, port };
  const parts: Parts = {};
  // A device that comes before all is ready is sent away, and comes again.
  const onSocket = (socket: Socket) =>
    parts.broker === undefined ? socket.destroy() : parts.broker.connected(socket);
  const listening = await listenFor(embedded, onSocket);
  try {
    parts.registry = new DeviceRegistry(options.data);
    parts.store = await StoreThread.start(
      { store: options.data, ...(options.models !== undefined && { models: options.models }) },
      eventsOf(parts, options),
    );
    const refused = (why: string) => options.onRefused?.(why);
    parts.broker = await EmbeddedBroker.start(listening, embedded, parts.registry, parts.store, refused);
  } catch (error) {
    listening.close();
    await closeAll(parts);
    throw error;
  }
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'mqtt' : 'mqtts'}://${address}:${parts.broker.port}`,
    close: () => closeAll(parts),
  };
}

interface Parts {
  broker?: EmbeddedBroker;
  store?: StoreThread;
  registry?: DeviceRegistry;
}

function eventsOf(parts: Parts, { onTrouble }: ServeOptions): StoreEvents {
  return {
    ack: (ack) => parts.broker?.ack(ack),
    committed: () => parts.broker?.resume(),
    trouble: (message) => onTrouble?.(message),
    failed: (error) => {
      throw error;
    },
  };
}

/** Sources first: what was taken in is still committed. */
async function closeAll({ broker, store, registry }: Parts): Promise<void> {
  await broker?.close();
  await store?.close();
  registry?.close();
}

import { EmbeddedBroker } from './broker/embedded.ts';
import { StoreThread } from './thread/store-thread.ts';

export interface ServeOptions {
  /** Folder of the store. */
  readonly data: string;
  /** The embedded broker; port 0 takes any that is free. */
  readonly mqtt: { readonly host?: string; readonly port?: number };
  /** Told of troubles that are tried again, and undefined when all is well again. */
  readonly onTrouble?: (message: string | undefined) => void;
}

export interface Server {
  /** Address of the embedded broker. */
  readonly url: string;
  /** Stops taking in, commits what was taken in, and leaves. */
  close(): Promise<void>;
}

/**
 * Takes in what a fleet sends until it is closed.
 * @throws LinnetError `io.failed` when the store or the port cannot be opened
 */
export async function serve(options: ServeOptions): Promise<Server> {
  let broker: EmbeddedBroker | undefined;
  const store = await StoreThread.start(
    { store: options.data },
    {
      ack: (ack) => broker?.ack(ack),
      trouble: (message) => options.onTrouble?.(message),
      failed: (error) => {
        throw error;
      },
    },
  );
  const { host = '127.0.0.1', port = 1883 } = options.mqtt;
  broker = await EmbeddedBroker.start({ host, port, submit: (message, done) => store.submit(message, done) });
  return {
    url: `mqtt://${host}:${broker.port}`,
    close: async () => {
      await broker.close();
      await store.close();
    },
  };
}

/** What comes in and what goes out of the ingest, whatever broker carries it. */

/** One MQTT message as a broker handed it over. */
export interface Inbound {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The device as its credential says; left out where nothing vouches for it, so that the topic alone names it. */
  readonly identity?: string;
  /** Of the credential, never of the payload; '' is the default tenant. */
  readonly tenant: string;
  /** Packet id of a QoS 1 or 2 message, 0 for QoS 0. */
  readonly packetId: number;
  /** The sender says that it sent this before. */
  readonly dup: boolean;
}

/** An application acknowledgement, to be sent to the device once the commit is durable. */
export interface OutboundAck {
  readonly tenant: string;
  readonly device: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes that are no reading, kept for a person to look at. */
export interface DeadLetter {
  /** Key of the device, '' where the topic names none. */
  readonly device: string;
  readonly topic: string;
  readonly receivedAt: number;
  readonly reason: string;
  readonly payload: Uint8Array;
}

/** Devices of two tenants may have the same name: this is what tells them apart in the store. */
export function deviceKey(tenant: string, device: string): string {
  return tenant === '' ? device : `${tenant}/${device}`;
}

/** The tenant and device of a key: a device is one level of a topic, and holds no slash. */
export function ownerOf(key: string): { tenant: string; device: string } {
  const cut = key.lastIndexOf('/');
  return { tenant: cut < 0 ? '' : key.slice(0, cut), device: key.slice(cut + 1) };
}

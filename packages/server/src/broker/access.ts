/** Who may publish and subscribe to what: `tele/%u/#` and `cmd/%u/#`, where %u is the identity. */
import { isDevice } from '@linnet/core/wire';

const TOPIC_BYTES_MAX = 512;
const LEVELS_MAX = 16;
/** Control characters, and what a decoder puts in the place of bytes that are not UTF-8. */
const UNCLEAN = /[\p{Cc}\uFFFD]/u;

/** @param identity of the credential; left out for an anonymous client, which may speak for any device */
export function mayPublish(topic: string, identity: string | undefined): boolean {
  return allowed(topic, 'tele', identity) && !/[+#]/.test(topic);
}

/** @returns the device that the filter is about, or nothing when it is not allowed */
export function mayListenTo(filter: string, identity: string | undefined): string | undefined {
  if (!allowed(filter, 'cmd', identity)) return undefined;
  const [, device, ...rest] = filter.split('/');
  return rest.length > 0 ? device : undefined;
}

function allowed(topic: string, root: string, identity: string | undefined): boolean {
  if (topic.length > TOPIC_BYTES_MAX || UNCLEAN.test(topic)) return false;
  const levels = topic.split('/');
  const [first, device] = levels;
  if (first !== root || device === undefined || !isDevice(device) || levels.length > LEVELS_MAX) return false;
  return identity === undefined || device === identity;
}

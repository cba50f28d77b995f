/** What a gateway tells the cloud once: channels, time and limits. */
import { LinnetError } from '../../base/error.ts';
import { unitOf } from '../fixed-point.ts';
import { COVER_MAX } from './cover-bits.ts';

export interface Channel {
  readonly name: string;
  /** How far a stored value may be from the real one. */
  readonly epsilon: number;
}

export interface LinkConfig {
  readonly channels: readonly Channel[];
  /** Time of instant 0, epoch ms. */
  readonly startMs: number;
  readonly everyMs: number;
  /** Instants from the first violation to the message; 0 sends at once. */
  readonly deadline: number;
  /** Instants without a message after which a heartbeat goes out. */
  readonly heartbeat: number;
  /** Violations in a row that do not start the timer yet. */
  readonly tolerance: number;
}

export const CHANNELS_MAX = 4096;
export const HEARTBEAT = 60;

/** @throws LinnetError `config.invalid` */
export function checkLink(link: LinkConfig): LinkConfig {
  const { channels, startMs, everyMs, deadline, heartbeat, tolerance } = link;
  const whole = (name: string, value: number, from: number, to: number): void => {
    if (!(Number.isSafeInteger(value) && value >= from && value <= to)) {
      fail(`${name}: ${value} is no whole number from ${from} to ${to}`);
    }
  };
  if (channels.length < 1 || channels.length > CHANNELS_MAX) {
    fail(`a link has 1 to ${CHANNELS_MAX} channels, not ${channels.length}`);
  }
  if (new Set(channels.map(({ name }) => name)).size < channels.length) fail('two channels have one name');
  for (const { epsilon } of channels) unitOf(epsilon);
  whole('deadline', deadline, 0, COVER_MAX / 4);
  // A heartbeat never comes sooner after a message than a message can.
  whole('heartbeat', heartbeat, deadline + 1, COVER_MAX / 4);
  whole('tolerance', tolerance, 0, COVER_MAX / 4);
  if (!(everyMs > 0) || !Number.isSafeInteger(startMs)) fail(`instants every ${everyMs} ms from ${startMs}`);
  return link;
}

function fail(why: string): never {
  throw new LinnetError('config.invalid', why);
}

import { LinnetError, type Series } from '@linnet/core';
import {
  CloudDecoder,
  GatewayEncoder,
  type Choice,
  type EncoderCounts,
  type FindForecaster,
  type Message,
} from '@linnet/core/transmit';
import { Judge, type Verdict } from './judge.ts';
import { publishBytes, TOPIC_BYTES } from './wire.ts';

export interface DryRunOptions {
  /** By column of the series. */
  readonly epsilons: readonly number[];
  readonly deadline: number;
  readonly heartbeat: number;
  readonly tolerance: number;
  readonly predictor: Choice;
  readonly find?: FindForecaster;
  readonly models?: readonly string[];
}

export interface DryRun extends Verdict {
  readonly counts: Readonly<EncoderCounts>;
  /** Data and heartbeats. */
  readonly messages: number;
  readonly payloadBytes: number;
  readonly largestPayload: number;
  /** Payloads with MQTT's own bytes and the answers of the broker. */
  readonly bytes: number;
}

/**
 * Sends a series over a perfect link, from the gateway's code to the cloud's as bytes, and holds every value that the cloud
 * stored against the real one.
 * @throws LinnetError `data.invalid` for a value too large for its epsilon
 * @throws Error when a value is not within its epsilon, or an instant is missing: a defect of Linnet
 */
export function dryRun(series: Series, options: DryRunOptions): DryRun {
  const { times, sensors, columns } = series;
  const everyMs = times.length > 1 ? (times[1] as number) - (times[0] as number) : 1;
  const link = {
    channels: sensors.map((name, j) => ({ name, epsilon: options.epsilons[j] as number })),
    startMs: times[0] as number,
    everyMs,
    deadline: options.deadline,
    heartbeat: options.heartbeat,
    tolerance: options.tolerance,
  };
  const { predictor, find, models } = options;
  const encoder = new GatewayEncoder(link, {
    session: 1,
    predictor,
    keep: Infinity,
    ...(find !== undefined && { find }),
    ...(models !== undefined && { models }),
  });
  const decoder = new CloudDecoder(find === undefined ? {} : { find });
  for (const offer of encoder.offers()) {
    for (const reply of decoder.receive(offer).replies) encoder.receive(reply);
  }
  const judge = new Judge(series, options.epsilons);
  const wire = { payloadBytes: 0, largestPayload: 0, bytes: 0 };
  const deliver = (messages: readonly Message[]): void => {
    for (const message of messages) {
      wire.payloadBytes += message.length;
      wire.largestPayload = Math.max(wire.largestPayload, message.length);
      wire.bytes += publishBytes(TOPIC_BYTES, message.length);
      const { covered, problems } = decoder.receive(message);
      if (problems.length > 0) throw new Error(`the cloud refuses a message: ${problems.join('; ')}`);
      for (const part of covered) judge.take(part);
    }
  };
  const row = new Float64Array(columns.length);
  for (let i = 0; i < times.length; i++) {
    for (let j = 0; j < columns.length; j++) row[j] = (columns[j] as Float64Array)[i] as number;
    deliver(pushed(encoder, row, times[i] as number));
  }
  deliver(encoder.flush());
  const { counts } = encoder;
  return { counts, messages: counts.data + counts.heartbeats, ...wire, ...judge.verdict() };
}

function pushed(encoder: GatewayEncoder, row: Float64Array, time: number): Message[] {
  try {
    return encoder.push(row);
  } catch (cause) {
    if (!(cause instanceof LinnetError)) throw cause;
    throw new LinnetError(cause.code, `at ${new Date(time).toISOString()}: ${cause.message}`, { cause });
  }
}

import { LinnetError, type Series } from '@linnet/core';
import {
  CloudDecoder,
  GatewayEncoder,
  type Candidate,
  type Choice,
  type EncoderCounts,
  type FindForecaster,
  type Message,
  type PredictorChoice,
} from '@linnet/core/transmit';
import { Judge, type Verdict } from './judge.ts';
import { framedBytes, publishBytes, TOPIC_BYTES } from './wire.ts';

export interface DryRunOptions {
  /** By column of the series. */
  readonly epsilons: readonly number[];
  readonly deadline: number;
  readonly heartbeat: number;
  readonly tolerance: number;
  readonly predictor: Choice;
  readonly find?: FindForecaster;
  readonly models?: readonly string[];
  /** Runs of the same series and limits that `auto` chooses from, instead of running them again. */
  readonly candidates?: readonly Recording[];
}

export interface DryRun extends Verdict {
  /** How it went, for a run with `auto` to choose from. */
  readonly recording: Recording;
  readonly counts: Readonly<EncoderCounts>;
  /** Data and heartbeats. */
  readonly messages: number;
  readonly payloadBytes: number;
  readonly largestPayload: number;
  /** Payloads with MQTT's own bytes and the answers of the broker. */
  readonly bytes: number;
  /** What a running gateway sends: its messages in frames of the agent's log, with the server's answers. */
  readonly framed: number;
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
    ...(options.candidates !== undefined && { candidates: options.candidates.map(replay) }),
  });
  const recording: { sent: Uint8Array; choices: PredictorChoice[] } = {
    sent: new Uint8Array(times.length),
    choices: [],
  };
  const decoder = new CloudDecoder(find === undefined ? {} : { find });
  for (const offer of encoder.offers()) {
    for (const reply of decoder.receive(offer).replies) encoder.receive(reply);
  }
  const judge = new Judge(series, options.epsilons);
  const frames = new Map<number, number>();
  const wire = { payloadBytes: 0, largestPayload: 0, bytes: 0, framed: 0 };
  const deliver = (messages: readonly Message[]): void => {
    for (const message of messages) {
      wire.payloadBytes += message.length;
      wire.largestPayload = Math.max(wire.largestPayload, message.length);
      wire.bytes += publishBytes(TOPIC_BYTES, message.length);
      const framed = frames.get(message.length) ?? framedBytes(message.length);
      frames.set(message.length, framed);
      wire.framed += framed;
      const { covered, problems } = decoder.receive(message);
      if (problems.length > 0) throw new Error(`the cloud refuses a message: ${problems.join('; ')}`);
      for (const part of covered) judge.take(part);
    }
  };
  const row = new Float64Array(columns.length);
  for (let i = 0; i < times.length; i++) {
    for (let j = 0; j < columns.length; j++) row[j] = (columns[j] as Float64Array)[i] as number;
    const messages = pushed(encoder, row, times[i] as number);
    recording.sent[i] = messages.length;
    recording.choices.push(encoder.course.track.choice);
    deliver(messages);
  }
  deliver(encoder.flush());
  const { counts } = encoder;
  return { counts, messages: counts.data + counts.heartbeats, ...wire, ...judge.verdict(), recording };
}

/** By instant, whether a message was sent and what predicted then. */
export interface Recording {
  readonly sent: Uint8Array;
  readonly choices: readonly PredictorChoice[];
}

function replay({ sent, choices }: Recording): Candidate {
  let at = -1;
  return {
    get choice() {
      return choices[Math.max(0, at)] as PredictorChoice;
    },
    step: () => sent[++at] !== 0,
    skip: (count) => {
      at += count;
    },
  };
}

function pushed(encoder: GatewayEncoder, row: Float64Array, time: number): Message[] {
  try {
    return encoder.push(row);
  } catch (cause) {
    if (!(cause instanceof LinnetError)) throw cause;
    throw new LinnetError(cause.code, `at ${new Date(time).toISOString()}: ${cause.message}`, { cause });
  }
}

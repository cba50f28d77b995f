import { setFlagsFromString } from 'node:v8';
import { LinnetError } from '@linnet/core';
import {
  serve,
  unreachable,
  type DetectorOptions,
  type EmbeddedOptions,
  type ExternalSettings,
} from '@linnet/server';
import { readAddress, textOf } from '../health/address.ts';
import { EXIT } from '../report.ts';
import { alertText } from './alert-text.ts';
import { readMapping } from './read-mapping.ts';
import { refusalLog } from './refusal-log.ts';

export interface RunServeOptions {
  readonly mqtt?: true;
  readonly broker?: string;
  readonly brokerCa?: string;
  readonly brokerCert?: string;
  readonly brokerKey?: string;
  readonly share?: string;
  readonly host: string;
  readonly port?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly anonymous: boolean;
  readonly data: string;
  readonly models?: string;
  readonly mapping?: string;
  readonly detect: NonNullable<DetectorOptions['kind']>;
  readonly threshold: number;
  readonly window: number;
  readonly warmUp?: number;
  readonly clockTolerance: number;
  readonly alert?: readonly string[];
  readonly output: 'text' | 'json';
  readonly health?: string;
}

/**
 * The young generation of V8's heap stays small: what a message needs dies at once, and with thousands of connections the memory that
 * it would grow to is better used otherwise (2,500 connections: 379 MB instead of 515, at the same speed).
 */
const HEAP_FLAG = '--semi-space-growth-factor=1';

/** `linnet serve`: runs until it is told to end, then commits what it took in. */
export async function runServe(options: RunServeOptions): Promise<number> {
  const { mqtt, broker } = options;
  if (mqtt === undefined && broker === undefined) {
    throw new LinnetError('usage', 'give --mqtt to embed a broker, or --broker mqtt://host to use another');
  }
  const stop = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  setFlagsFromString(HEAP_FLAG);
  const refusals = refusalLog(say);
  const { detect: kind, threshold, window, warmUp: grace } = options;
  const detect = { kind, threshold, window, ...(grace !== undefined && { grace }) };
  const warning = unreachable(detect);
  if (warning !== undefined) say(`warning: ${warning}`);
  const health = options.health === undefined ? undefined : await openHealth(options.health, options);
  const server = await serve({
    data: options.data,
    ...(options.models !== undefined && { models: options.models }),
    ...(mqtt !== undefined && { mqtt: embeddedOptions(options) }),
    ...(broker !== undefined && { broker: externalSettings(broker, options) }),
    detect,
    clockToleranceMs: options.clockTolerance,
    ...(options.mapping !== undefined && { mapping: readMapping(options.mapping) }),
    onAlert: (alert) => {
      health?.subject.raised();
      process.stdout.write(
        options.output === 'json' ? `${JSON.stringify(alert)}\n` : `${alertText(alert)}\n`,
      );
    },
    ...(options.alert !== undefined && { alerts: options.alert }),
    onAlertTrouble: say,
    onRefused: (why) => {
      health?.subject.refuse();
      refusals.add(why);
    },
    onTrouble: (message, part) => {
      health?.subject.told(message, part);
      say(message === undefined ? 'all works' : `trying again: ${message}`);
    },
  }).catch((error: unknown) => {
    health?.server.close();
    throw error;
  });
  health?.subject.start();
  if (mqtt !== undefined) say(`listening on ${server.url}, storing in ${options.data}`);
  else say(`taking in what ${server.url} has, storing in ${options.data}`);
  await stop;
  refusals.stop();
  await server.close();
  health?.server.close();
  return EXIT.done;
}

async function openHealth(text: string, { broker }: RunServeOptions) {
  const wanted = readAddress(text);
  const { startHealth } = await import('../health/health-server.ts');
  const { ServeHealth } = await import('./serve-health.ts');
  const subject = new ServeHealth(broker === undefined ? [] : ['broker']);
  const server = await startHealth(wanted, subject);
  say(`health at http://${textOf(server.address)}/ready`);
  return { subject, server };
}

function embeddedOptions({
  host,
  port,
  tlsCert,
  tlsKey,
  tlsClientCa,
  anonymous,
}: RunServeOptions): Partial<EmbeddedOptions> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new LinnetError('usage', 'TLS needs both --tls-cert and --tls-key');
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    throw new LinnetError('usage', '--tls-client-ca needs --tls-cert and --tls-key');
  }
  return {
    host,
    anonymous,
    ...(port !== undefined && { port }),
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && {
        tls: { cert: tlsCert, key: tlsKey, ...(tlsClientCa !== undefined && { clientCa: tlsClientCa }) },
      }),
  };
}

function externalSettings(
  url: string,
  { brokerCa, brokerCert, brokerKey, share }: RunServeOptions,
): ExternalSettings {
  const password = process.env['LINNET_MQTT_PASSWORD'];
  const tls = {
    ...(brokerCa !== undefined && { ca: brokerCa }),
    ...(brokerCert !== undefined && { cert: brokerCert }),
    ...(brokerKey !== undefined && { key: brokerKey }),
  };
  return { url, tls, ...(password !== undefined && { password }), ...(share !== undefined && { share }) };
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}

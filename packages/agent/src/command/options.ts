/** The options of `linnet agent`, once: the command line, the package's own bin, the help and the documents are made from this table. */
import { LinnetError } from '@linnet/core/base';
import { bytesOf, timeOf } from '../units.ts';

export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help; none for a switch. */
  readonly value?: string;
  readonly summary: string;
  /** @throws LinnetError `usage` */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  readonly required?: true;
}

export const agentOptions = [
  { name: 'id', value: '<name>', summary: 'name of the device', required: true },
  {
    name: 'broker',
    value: '<url>',
    summary: 'mqtt://host[:port] or mqtts://host[:port]',
    required: true,
  },
  {
    name: 'buffer',
    value: '<dir>',
    summary: 'folder of the readings that are not yet stored; default linnet-buffer/ID',
  },
  { name: 'max-bytes', value: '<size>', summary: 'what the buffer may take; default 64MB', parse: bytes },
  {
    name: 'on-full',
    value: '<policy>',
    summary: 'when the buffer or the disk is full',
    choices: ['drop-oldest', 'drop-newest', 'block'],
  },
  { name: 'topic', value: '<topic>', summary: 'where to publish, {id} is the device; default tele/{id}' },
  {
    name: 'fsync',
    value: '<when>',
    summary: 'always (default), interval (each second), or a time such as 200ms',
    parse: fsync,
  },
  {
    name: 'send-every',
    value: '<time>',
    summary: 'send ordinary readings together, an anomaly at once; default each at once',
    parse: time,
  },
  {
    name: 'http',
    value: '<port>',
    summary: 'take readings by POST on 127.0.0.1; 0 for a free port',
    parse: port,
  },
  { name: 'command', value: '<line>', summary: 'run this and read its output, as --every says' },
  { name: 'every', value: '<time>', summary: 'how often the command runs; default 10s', parse: time },
  { name: 'follow', value: '<file>', summary: 'read a file that grows, as tail -F does' },
  {
    name: 'detect',
    value: '<model>',
    summary: 'score readings here; an anomaly is sent at once',
    choices: ['zscore', 'half-space-trees'],
  },
  {
    name: 'threshold',
    value: '<score>',
    summary: 'score of an anomaly; default 3 (zscore), 0.95 (half-space-trees)',
    parse: positive,
  },
  { name: 'user', value: '<name>', summary: 'user at the broker; or LINNET_MQTT_USER' },
  {
    name: 'password-file',
    value: '<file>',
    summary: 'file with its password; or LINNET_MQTT_PASSWORD',
  },
  { name: 'ca', value: '<file>', summary: 'authority of the broker’s certificate, PEM' },
  { name: 'cert', value: '<file>', summary: 'own certificate for mutual TLS, PEM' },
  { name: 'key', value: '<file>', summary: 'its key, PEM' },
  { name: 'mqtt', value: '<version>', summary: 'version of MQTT', choices: ['auto', '5', '3.1.1'] },
  { name: 'keep-alive', value: '<time>', summary: 'longest silence; default 30s', parse: time },
  {
    name: 'session-expiry',
    value: '<time>',
    summary: 'how long the broker keeps the session; default 1h',
    parse: time,
  },
  {
    name: 'wait',
    value: '<time>',
    summary: 'at the end, wait so long for acknowledgements; default 5s',
    parse: time,
  },
  { name: 'stats', summary: 'print what is counted as a line of JSON, every ten seconds and at the end' },
] as const satisfies readonly OptionSpec[];

/** As commander and `readOptions` give them: names in camel case. */
export interface AgentCommand {
  readonly id: string;
  readonly broker: string;
  readonly buffer?: string;
  readonly maxBytes?: number;
  readonly onFull?: 'drop-oldest' | 'drop-newest' | 'block';
  readonly topic?: string;
  readonly fsync?: 'always' | number;
  readonly sendEvery?: number;
  readonly http?: number;
  readonly command?: string;
  readonly every?: number;
  readonly follow?: string;
  readonly detect?: 'zscore' | 'half-space-trees';
  readonly threshold?: number;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly mqtt?: 'auto' | '5' | '3.1.1';
  readonly keepAlive?: number;
  readonly sessionExpiry?: number;
  readonly wait?: number;
  readonly stats?: true;
}

function time(text: string): number {
  const ms = timeOf(text);
  return ms > 0 && ms < 2 ** 31 ? Math.round(ms) : wrong('a time like 500ms, 10s, 2min or 1h');
}

function bytes(text: string): number {
  const size = bytesOf(text);
  return size > 0 ? size : wrong('a size like 64MB');
}

function fsync(text: string): 'always' | number {
  if (text === 'always') return text;
  return text === 'interval' ? 1000 : time(text);
}

function port(text: string): number {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : wrong('a port from 0 to 65535');
}

function positive(text: string): number {
  return text.trim() !== '' && Number(text) > 0 ? Number(text) : wrong('a number above 0');
}

function wrong(what: string): never {
  throw new LinnetError('usage', `It must be ${what}.`);
}

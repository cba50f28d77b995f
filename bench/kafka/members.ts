/** Processes of the flow, as a person starts them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { readStatus, type MemberStatus } from '@linnet/connectors/kafka';
import { cli, TOPIC, type FleetTopic } from './fleet-topic.ts';

const flow = join(import.meta.dirname, 'flow.ts');
const LOOK_MS = 100;

/**
 * Starts a process of the flow. `LINNET_BENCH_NODE` holds more arguments for its Node, such as `--cpu-prof`.
 * @param state folder of local state
 */
export function startMember(
  { bootstrap }: FleetTopic,
  app: string,
  instance: string,
  state: string,
  more: readonly string[] = [],
): ChildProcess {
  const place = ['--kafka', bootstrap, '--app', app, '--topic', TOPIC, '--state', state];
  const node = (process.env['LINNET_BENCH_NODE'] ?? '').split(' ').filter((one) => one !== '');
  const args = [...node, cli, 'run', flow, ...place, '--instance', instance, ...more];
  const child = spawn(process.execPath, ['--conditions=source', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // As what it runs and what it did is no news here.
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!/^linnet: \S+ (?:runs|handled) /.test(line)) process.stderr.write(`${line}\n`);
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** @throws Error when it ended by anything but its own will */
export async function end(child: ChildProcess): Promise<void> {
  const [code, signal] =
    child.exitCode === null && child.signalCode === null
      ? ((await once(child, 'exit')) as [number | null, string | null])
      : [child.exitCode, child.signalCode];
  if (code !== 0) throw new Error(`a process of the flow ended by ${signal ?? `code ${code}`}`);
}

/** What the processes say, about once a second, until `over`. */
export async function* statuses(
  { port }: FleetTopic,
  app: string,
  over: () => boolean,
): AsyncGenerator<readonly MemberStatus[]> {
  while (!over()) {
    for await (const list of readStatus(port, app)) {
      // Empty at once while the flow has not made its topics yet.
      if (list.length > 0) yield list;
      else break;
      if (over()) return;
    }
    await after(LOOK_MS);
  }
}

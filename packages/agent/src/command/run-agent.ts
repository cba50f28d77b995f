import { readFileSync } from 'node:fs';
import { LinnetError } from '@linnet/core/base';
import { agent, type Agent, type AgentOptions } from '../agent.ts';
import type { AgentStats } from '../stats.ts';
import type { AgentCommand } from './options.ts';
import { Intake } from './intake.ts';
import { saveMemory } from './save-memory.ts';

const EXIT = { done: 0, failed: 1 } as const;
const WAIT_MS = 5000;
const EVERY_MS = 10_000;
const STATS_EVERY_MS = 10_000;
/** What input may take to end, at least. */
const STOP_MS = 1000;

/** `linnet agent`: reads until its input ends or it is told to, then waits a while for what is under way. @returns the exit code */
export async function runAgent(command: AgentCommand): Promise<number> {
  saveMemory();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Told twice: what is on disk is safe, so nothing is waited for.
      if (stop.signal.aborted) process.exit(EXIT.failed);
      stop.abort();
    });
  }
  const running = await agent(optionsOf(command));
  const { warmUp } = running.stats().detect ?? {};
  if (warmUp !== undefined)
    say(`--detect ${command.detect}: a number is judged once ${warmUp} of its values are learned`);
  const intake = new Intake(running, say);
  const printing = command.stats ? setInterval(() => print(running.stats()), STATS_EVERY_MS) : undefined;
  try {
    const waitMs = command.wait ?? WAIT_MS;
    const drained = takeIn(command, running, intake, stop.signal).then(() => running.drained(waitMs));
    // Input that waits for room in a full buffer ends by itself only when there is room.
    const stored = await Promise.race([drained, tooLong(stop.signal, Math.max(waitMs, STOP_MS))]);
    const stats = running.stats();
    if (command.stats) print(stats);
    say(summary(stats));
    if (stats.waiting > 0)
      say(`${stats.waiting} readings that waited for room in the buffer were not recorded`);
    if (!stored) say(`${stats.pending} readings stay in ${bufferOf(command)}: start again to send them`);
    return intake.invalid + intake.dropped > 0 && !stop.signal.aborted ? EXIT.failed : EXIT.done;
  } finally {
    clearInterval(printing);
    await running.close();
  }
}

/** Resolves when there is no more input, or it is time to stop. */
async function takeIn(
  command: AgentCommand,
  running: Agent,
  intake: Intake,
  stop: AbortSignal,
): Promise<void> {
  const { http, command: line, every = EVERY_MS, follow } = command;
  const inputs: Promise<void>[] = [];
  if (http !== undefined) {
    const { fromHttp } = await import('./from-http.ts');
    const server = await fromHttp(intake, http, () => running.stats());
    say(`taking readings on http://127.0.0.1:${server.port}`);
    inputs.push(aborted(stop).then(() => server.close()));
  }
  if (line !== undefined) {
    const { fromCommand } = await import('./from-command.ts');
    inputs.push(fromCommand(intake, line, every, say, stop));
  }
  if (follow !== undefined) {
    const { FollowedFile } = await import('./from-file.ts');
    inputs.push(new FollowedFile(follow, bufferOf(command), intake).run(stop));
  }
  if (inputs.length === 0) {
    const { fromStdin } = await import('./from-stdin.ts');
    inputs.push(fromStdin(intake, stop));
  }
  await Promise.all(inputs);
}

function optionsOf(command: AgentCommand): AgentOptions {
  const { id, broker, buffer, maxBytes, onFull, topic, fsync, sendEvery, detect, mqtt } = command;
  const { ca, cert, key, keepAlive, sessionExpiry } = command;
  const user = command.user ?? process.env['LINNET_MQTT_USER'];
  const password = passwordOf(command.passwordFile);
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    id,
    broker,
    tls,
    onTrouble: say,
    ...(buffer !== undefined && { buffer }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(onFull !== undefined && { onFull }),
    ...(topic !== undefined && { topic }),
    ...(fsync !== undefined && { fsync }),
    ...(sendEvery !== undefined && { sendEveryMs: sendEvery }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(mqtt !== undefined && mqtt !== 'auto' && { mqtt: mqtt === '5' ? 5 : 4 }),
    ...(keepAlive !== undefined && { keepAliveSeconds: Math.max(1, Math.round(keepAlive / 1000)) }),
    ...(sessionExpiry !== undefined && { sessionExpirySeconds: Math.round(sessionExpiry / 1000) }),
    ...(detect !== undefined && { detect }),
    ...(command.threshold !== undefined && { threshold: command.threshold }),
  } as AgentOptions;
}

function passwordOf(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['LINNET_MQTT_PASSWORD'];
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new LinnetError('io.not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function summary({ recorded, sent, acked, pending, dropped, detect }: AgentStats): string {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${reason} ${count}`).join(', ');
  const strange = detect === undefined ? '' : `, anomalies ${detect.anomalies}`;
  return `recorded ${recorded}, sent ${sent}, acked ${acked}, pending ${pending}, dropped ${total}${why && ` (${why})`}${strange}`;
}

function bufferOf({ buffer, id }: AgentCommand): string {
  return buffer ?? `linnet-buffer/${id}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves false so long after it was time to stop. */
async function tooLong(stop: AbortSignal, ms: number): Promise<false> {
  await aborted(stop);
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}

function print(stats: AgentStats): void {
  process.stdout.write(`${JSON.stringify(stats)}\n`);
}

function say(text: string): void {
  process.stderr.write(`linnet: ${text}\n`);
}

import { fork } from 'node:child_process';
import { figureOf, type Figure, type Scenario } from './scenario.ts';

/** What a scenario's process says when it is done. */
export type FromProcess =
  | { readonly own: readonly number[]; readonly peer: readonly number[]; readonly notes?: string }
  | { readonly failed: string };

export interface Measured {
  readonly own: Figure;
  /** Of a peer that was measured beside it. */
  readonly peer: Figure | undefined;
  /** What the scenario wants printed under its row. */
  readonly notes: string | undefined;
}

const ROUNDS = 5;
const WARMUP = 1;

/** Measures a scenario in processes of its own, so that neither memory nor compiled code of another one counts. */
export async function measure(file: string, scenario: Scenario, rounds?: number): Promise<Measured> {
  const count = rounds ?? scenario.rounds ?? ROUNDS;
  const turns = scenario.fresh === true ? count : 1;
  const own: number[] = [];
  const peer: number[] = [];
  let notes: string | undefined;
  for (let turn = 0; turn < turns; turn++) {
    const done =
      turns > 1 || scenario.fresh === true
        ? await inProcess(file, scenario.id, 1, 0)
        : await inProcess(file, scenario.id, count, scenario.warmup ?? WARMUP);
    own.push(...done.own);
    peer.push(...done.peer);
    notes = done.notes;
  }
  return { own: figureOf(own), peer: peer.length === 0 ? undefined : figureOf(peer), notes };
}

function inProcess(file: string, id: string, rounds: number, warmup: number) {
  return new Promise<Exclude<FromProcess, { failed: string }>>((resolve, reject) => {
    const child = fork(
      new URL('process-main.ts', import.meta.url),
      [file, id, String(rounds), String(warmup)],
      {
        // What a scenario prints must not get between the figures.
        stdio: ['ignore', 2, 2, 'ipc'],
        execArgv: [...process.execArgv, '--expose-gc'],
      },
    );
    let said: FromProcess | undefined;
    child.on('message', (message) => (said = message as FromProcess));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (said === undefined) reject(new Error(`its process ended by ${signal ?? `code ${code}`}`));
      else if ('failed' in said) reject(new Error(said.failed));
      else resolve(said);
    });
  });
}

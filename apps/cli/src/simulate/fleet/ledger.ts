/**
 * What the devices of a simulated fleet recorded, by numbers of the simulator's own that travel as a field of each reading.
 *
 * A line `+ device number` is written before `record` is called, `= device number` once it resolved true, `- device number` when the
 * policy dropped the reading. Lines go to the system in one call before anything else happens, so SIGKILL takes none of
 * them back: a reading with `+` alone is in doubt, and may be stored once or not at all.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Of one reading, by what its lines say. */
export const FATE = { none: 0, begun: 1, recorded: 2, dropped: 3 } as const;

/** Fates of one device's readings, by number. */
export type Fates = Uint8Array;

export class LedgerWriter {
  private readonly file: number;

  /** Goes on behind what is there; a line that a kill cut off is taken away. */
  constructor(path: string) {
    this.file = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(path);
    ftruncateSync(this.file, bytes.lastIndexOf(10) + 1);
  }

  begin(readings: readonly (readonly [device: number, n: number])[]): void {
    this.write('+', readings);
  }

  end(readings: readonly (readonly [device: number, n: number])[], recorded: boolean): void {
    this.write(recorded ? '=' : '-', readings);
  }

  close(): void {
    closeSync(this.file);
  }

  private write(sign: string, readings: readonly (readonly [device: number, n: number])[]): void {
    if (readings.length === 0) return;
    const bytes = Buffer.from(readings.map(([device, n]) => `${sign} ${device} ${n}\n`).join(''));
    for (let at = 0; at < bytes.length;) at += writeSync(this.file, bytes, at);
  }
}

/** @returns fates by device, as far as a ledger speaks of it */
export function readLedger(path: string): Map<number, Fates> {
  const fates = new Map<number, Fates>();
  const text = readFileSync(path, 'utf8');
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const [sign, device, n] = line.split(' ') as [string, string, string];
    set(
      fates,
      Number(device),
      Number(n),
      sign === '+' ? FATE.begun : sign === '=' ? FATE.recorded : FATE.dropped,
    );
  }
  return fates;
}

function set(fates: Map<number, Fates>, device: number, n: number, fate: number): void {
  let own = fates.get(device);
  if (own === undefined || n >= own.length) {
    const grown = new Uint8Array(Math.max(64, 2 * (own?.length ?? 0), n + 1));
    if (own !== undefined) grown.set(own);
    fates.set(device, (own = grown));
  }
  own[n] = fate;
}

/** The number that a device's next reading gets. */
export function nextNumber(fates: Fates | undefined): number {
  if (fates === undefined) return 0;
  let n = fates.length;
  while (n > 0 && fates[n - 1] === FATE.none) n--;
  return n;
}

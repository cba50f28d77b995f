import { readFileSync } from 'node:fs';

/** Ticks a second of /proc, the same on every Linux that Node runs on. */
const TICKS = 100;

/** CPU time that a running process has taken so far, user and system, in seconds. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before them may hold blanks, in brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

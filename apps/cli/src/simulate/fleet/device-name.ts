/** Name of a device of a run: no other run over the same store has it. */
export function deviceName(run: string, device: number): string {
  return `${run}-${String(device).padStart(4, '0')}`;
}

/** The device's place in the run, or undefined for another's name. */
export function deviceOf(run: string, sensor: string | number): number | undefined {
  const text = String(sensor);
  if (!text.startsWith(`${run}-`)) return undefined;
  const digits = text.slice(run.length + 1);
  return /^\d{4,}$/.test(digits) ? Number(digits) : undefined;
}

/** How long to wait before try number `attempt` (0 first): exponential with full jitter, so that a fleet does not come back as one. */
export function backoffMs(attempt: number, random: number, baseMs = 1000, maxMs = 60_000): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling / 10 + random * ceiling * 0.9);
}

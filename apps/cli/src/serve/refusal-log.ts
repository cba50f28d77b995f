/** At most so often is said what was not let in: an attack must not fill a disk with its own log. */
const EVERY_MS = 10_000;

/** Says the first refusal at once, and how many there were since, with the last one, every ten seconds. */
export function refusalLog(say: (text: string) => void): { add(why: string): void; stop(): void } {
  let count = 0;
  let last = '';
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    if (count === 0) return;
    say(`not let in: ${last}${count > 1 ? ` (and ${count - 1} more)` : ''}`);
    count = 0;
    timer = setTimeout(tell, EVERY_MS);
    timer.unref();
  };
  return {
    add: (why) => {
      count++;
      last = why;
      if (timer === undefined) tell();
    },
    stop: () => clearTimeout(timer),
  };
}

/** The part of a stream that a bar needs. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PATIENCE_MS = 1000;
const REDRAW_MS = 100;
const WIDTH = 24;

/** A bar on a terminal, from the second second on; nothing elsewhere. */
export class Progress {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private readonly begun: number;
  private readonly timer: NodeJS.Timeout | undefined;
  private label = '';
  private fraction: number | undefined;
  private drawn = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.terminal = terminal;
    this.now = now;
    this.begun = now();
    if (terminal.isTTY === true) this.timer = setInterval(() => this.draw(), REDRAW_MS).unref();
  }

  /** @param fraction 0 to 1; not given when nobody can tell */
  update(label: string, fraction?: number): void {
    this.label = label;
    this.fraction = fraction;
  }

  draw(): void {
    const elapsed = this.now() - this.begun;
    if (elapsed < PATIENCE_MS) return;
    this.drawn = true;
    const { fraction } = this;
    const filled = Math.round((fraction ?? 0) * WIDTH);
    const bar = fraction === undefined ? '' : `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} `;
    const percent = fraction === undefined ? '' : `${Math.floor(fraction * 100)} % `;
    this.terminal.write(`\r\u001B[2K${this.label} ${bar}${percent}${Math.floor(elapsed / 1000)} s`);
  }

  /** Takes the bar away, so that what follows begins on a clean line. */
  clear(): void {
    if (this.drawn) this.terminal.write('\r\u001B[2K');
    this.drawn = false;
  }

  end(): void {
    clearInterval(this.timer);
    this.clear();
  }
}

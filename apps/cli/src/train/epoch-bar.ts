const WIDTH = 24;

/** Progress by epoch with its losses: one line that moves on a terminal, a line an epoch elsewhere. */
export class EpochBar {
  private readonly stream: NodeJS.WriteStream;
  private readonly epochs: number;

  constructor(stream: NodeJS.WriteStream, epochs: number) {
    this.stream = stream;
    this.epochs = epochs;
  }

  show(epoch: number, loss: number, validationLoss: number): void {
    const losses = `loss ${loss.toFixed(6)}, validation ${validationLoss.toFixed(6)}`;
    if (!this.stream.isTTY) {
      this.stream.write(`linnet: epoch ${epoch}/${this.epochs}: ${losses}\n`);
      return;
    }
    const full = Math.round((WIDTH * epoch) / this.epochs);
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    this.stream.write(`\r${bar} ${epoch}/${this.epochs} ${losses}${epoch === this.epochs ? '\n' : ''}`);
  }
}

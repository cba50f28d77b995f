/**
 * Training of an LSTM encoder-decoder by any number of threads, with the same weights to the bit for any number.
 *
 * The first thread makes an LstmTraining and hands `training.job` to the others, which call `assistLstm`. Threads share
 * memory alone: starting them is the caller's business, as the core knows no threads.
 */
import { SnapshotReader, SnapshotWriter } from '../../base/snapshot.ts';
import { Mt19937 } from '../../random/mt19937.ts';
import { RandomState } from '../../random/random-state.ts';
import type { LstmArithmetic } from '../../kernels/lstm.ts';
import { backward, gradients, transposeWeights, update } from './backward.ts';
import { CONTROL_WORDS, Crew, ORDER } from './crew.ts';
import { compare, forward, meanErrors, squaredErrors } from './forward.ts';
import { bytesFloats, floatBytes } from './float-bytes.ts';
import { initialWeights } from './initial-weights.ts';
import type { LstmShape } from './layout.ts';
import { LstmNetwork, WHOLE, type Share } from './network.ts';

/** What an encoder-decoder's output is held against: its own input, or what comes next. */
export type LstmHead = 'reconstruct' | 'forecast';

export interface LstmSettings {
  readonly head: LstmHead;
  /** Windows a step. */
  readonly batch: number;
  /** Learning rate of Adam. */
  readonly rate: number;
  readonly seed: number;
  readonly arithmetic: LstmArithmetic;
}

/** All that a thread needs; it can be posted to a worker. */
export interface LstmJob {
  readonly shape: LstmShape;
  readonly settings: LstmSettings;
  readonly threads: number;
  readonly memory: WasmMemory;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly table: Float32Array<SharedArrayBuffer>;
  readonly starts: Int32Array<SharedArrayBuffer>;
  readonly errors: Float32Array<SharedArrayBuffer>;
}

/** Keeps the epochs of neighbouring seeds apart: 2^32 over the golden ratio. */
const SEED_STEP = 0x9e3779b9;

const PLANES = ['weights', 'mean', 'square'] as const;

const STOP = 0;
const LEARN = 1;
const SCORE = 2;
const [COUNT, STEP] = [3, 4];

export class LstmTraining {
  readonly job: LstmJob;
  readonly network: LstmNetwork;
  /** Epochs done. */
  epochs = 0;
  private readonly thread: LstmThread;

  /**
   * @param table rows of `features` standardised values
   * @param windows the most windows of one epoch or one scoring
   */
  constructor(
    shape: LstmShape,
    settings: LstmSettings,
    table: Float32Array,
    windows: number,
    { threads = 1, weights }: { threads?: number; weights?: readonly Float32Array[] } = {},
  ) {
    this.network = new LstmNetwork(shape, { ...settings, training: true });
    this.job = {
      shape,
      settings,
      threads,
      memory: this.network.memory,
      control: new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4)),
      table: new Float32Array(new SharedArrayBuffer(table.length * 4)),
      starts: new Int32Array(new SharedArrayBuffer(windows * 4)),
      errors: new Float32Array(new SharedArrayBuffer(windows * shape.features * 4)),
    };
    this.job.table.set(table);
    this.network.setWeights(weights ?? initialWeights(shape, Mt19937.fromInteger(settings.seed)));
    transposeWeights(this.network, WHOLE);
    this.thread = new LstmThread(this.job, { index: 0, of: threads }, this.network);
  }

  /** One epoch over the windows, in an order drawn from the seed and the epoch. Returns the mean squared error. */
  learn(windows: ArrayLike<number>): number {
    const seed = (this.job.settings.seed + Math.imul(this.epochs, SEED_STEP)) >>> 0;
    const order = new RandomState(seed).permutation(windows.length);
    const sum = this.command(
      LEARN,
      order.map((i) => windows[i] as number),
    );
    this.epochs++;
    return sum / (windows.length * this.job.shape.steps * this.job.shape.features);
  }

  /** The mean squared error of each window and feature, windows × features. */
  score(windows: ArrayLike<number>): Float32Array<SharedArrayBuffer> {
    this.command(SCORE, windows);
    return this.job.errors.subarray(0, windows.length * this.job.shape.features);
  }

  /** Weights, moments, steps and epochs: training goes on from it as if it had not stopped. */
  snapshot(): Uint8Array<ArrayBuffer> {
    const writer = new SnapshotWriter('lstm training', 1).text(identity(this.job)).u32(this.epochs);
    writer.u32(this.job.control[STEP] as number);
    for (const plane of PLANES)
      for (const floats of this.network.weights(plane)) writer.blob(floatBytes(floats));
    return writer.finish();
  }

  /** @throws LinnetError `snapshot.invalid` when the bytes are damaged or of another model or seed */
  restore(bytes: Uint8Array): void {
    const reader = new SnapshotReader(bytes, 'lstm training', 1);
    reader.expect('settings', reader.text(), identity(this.job));
    this.epochs = reader.u32();
    this.job.control[STEP] = reader.u32();
    for (const plane of PLANES) {
      this.network.setWeights(
        this.network.layout.weights.map(() => bytesFloats(reader.blob())),
        plane,
      );
    }
    reader.finish();
    transposeWeights(this.network, WHOLE);
  }

  /** Sends the other threads home. */
  stop(): void {
    this.job.control[ORDER] = STOP;
    this.thread.crew.meet();
  }

  private command(order: number, windows: ArrayLike<number>): number {
    this.job.starts.set(windows);
    this.job.control[ORDER] = order;
    this.job.control[COUNT] = windows.length;
    this.thread.crew.meet();
    return this.thread.obey();
  }
}

/** The life of every thread but the first: works until the first one stops. */
export function assistLstm(job: LstmJob, index: number): void {
  const network = new LstmNetwork(job.shape, { ...job.settings, training: true, memory: job.memory });
  const thread = new LstmThread(job, { index, of: job.threads }, network);
  for (;;) {
    thread.crew.meet();
    if (job.control[ORDER] === STOP) return;
    thread.obey();
  }
}

class LstmThread {
  readonly crew: Crew;
  private readonly job: LstmJob;
  private readonly network: LstmNetwork;
  private readonly share: Share;

  constructor(job: LstmJob, share: Share, network: LstmNetwork) {
    this.job = job;
    this.share = share;
    this.network = network;
    this.crew = new Crew(job.control, share);
  }

  /** Does what was ordered; all threads leave it together. Returns the sum of the squared errors. */
  obey(): number {
    const { control, settings } = this.job;
    const count = control[COUNT] as number;
    const learns = control[ORDER] === LEARN;
    const before = control[STEP] as number;
    let sum = 0;
    let done = 0;
    for (let first = 0; first < count; first += settings.batch) {
      const rows = Math.min(settings.batch, count - first);
      this.forward(first, rows);
      if (learns) {
        sum += this.learn(rows, before + ++done);
        continue;
      }
      meanErrors(this.network, rows, this.share, targetOf(settings.head), this.job.errors, first);
      // A batch of another size lies elsewhere in the memory: none may be still at work on the one before.
      this.crew.meet();
    }
    if (learns && this.share.index === 0) control[STEP] = before + done;
    this.crew.meet();
    return sum;
  }

  private forward(first: number, rows: number): void {
    const { shape, settings, table, starts } = this.job;
    const { network, share } = this;
    const target = targetOf(settings.head);
    network.gather('x', { table, starts, first }, rows, share);
    if (target === 'target')
      network.gather('target', { table, starts, first, ahead: shape.lookBack }, rows, share);
    forward(network, rows, share);
    compare(network, rows, share, target);
  }

  private learn(rows: number, step: number): number {
    const { network, share, crew } = this;
    backward(network, rows, share);
    crew.meet();
    const sum = share.index === 0 ? squaredErrors(network, rows) : 0;
    gradients(network, rows, share);
    update(network, share, { ...ADAM, rate: this.job.settings.rate, step });
    crew.meet();
    return sum;
  }
}

/** Keras' defaults. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

export function targetOf(head: LstmHead): 'x' | 'target' {
  return head === 'forecast' ? 'target' : 'x';
}

function identity({ shape, settings }: LstmJob): string {
  return JSON.stringify({ shape, settings });
}

/**
 * A trained encoder-decoder as an ONNX model: raw values in, raw values out, standardisation included. Input `window` is
 * [n, lookBack, features], output `output` [n, steps, features]. Gates go from Keras' i, f, g, o to ONNX' i, o, f, c.
 */
import { floatBytes } from './float-bytes.ts';
import type { LstmModel } from './model.ts';
import { ProtobufWriter } from './protobuf.ts';

const [FLOAT, INT64] = [1, 7];
const IR_VERSION = 8;
/** Squeeze takes its axes as an input since 13. */
const OPSET = 14;

export function lstmToOnnx(model: LstmModel): Uint8Array<ArrayBuffer> {
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'linnet')
    .message(7, graph(model))
    .message(8, new ProtobufWriter().text(1, '').integer(2, OPSET))
    .finish();
}

function graph({ shape, mean, scale, weights }: LstmModel): ProtobufWriter {
  const { features, units, lookBack, steps } = shape;
  const activation = shape.activation === 'relu' ? 'Relu' : 'Tanh';
  const [kernel, recurrent, bias, kernel2, recurrent2, bias2, dense, denseBias] = weights as readonly [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const layer = (name: string, input: string, outputs: readonly string[]): ProtobufWriter =>
    node('LSTM', [input, `${name}.W`, `${name}.R`, `${name}.B`], outputs, [
      strings('activations', ['Sigmoid', activation, activation]),
      integer('hidden_size', units),
    ]);
  const nodes = [
    node('Sub', ['window', 'mean'], ['centred']),
    node('Div', ['centred', 'scale'], ['standardised']),
    node('Transpose', ['standardised'], ['by_time'], [integers('perm', [1, 0, 2])]),
    layer('encoder', 'by_time', ['', 'encoded']),
    node('Tile', ['encoded', 'repeats'], ['repeated']),
    layer('decoder', 'repeated', ['decoded']),
    node('Squeeze', ['decoded', 'direction'], ['states']),
    node('Transpose', ['states'], ['by_window'], [integers('perm', [1, 0, 2])]),
    node('MatMul', ['by_window', 'dense.W'], ['product']),
    node('Add', ['product', 'dense.B'], ['standard_output']),
    node('Mul', ['standard_output', 'scale'], ['spread']),
    node('Add', ['spread', 'mean'], ['output']),
  ];
  const initializers = [
    floats('mean', [features], Float32Array.from(mean)),
    floats('scale', [features], Float32Array.from(scale)),
    ...layerWeights('encoder', kernel, recurrent, bias, features, units),
    ...layerWeights('decoder', kernel2, recurrent2, bias2, units, units),
    floats('dense.W', [units, features], dense),
    floats('dense.B', [features], denseBias),
    longs('repeats', [steps, 1, 1]),
    longs('direction', [1]),
  ];
  const writer = new ProtobufWriter();
  for (const one of nodes) writer.message(1, one);
  writer.text(2, 'lstm encoder-decoder');
  for (const one of initializers) writer.message(5, one);
  return writer
    .message(11, valueInfo('window', lookBack, features))
    .message(12, valueInfo('output', steps, features));
}

function layerWeights(
  name: string,
  kernel: Float32Array,
  recurrent: Float32Array,
  bias: Float32Array,
  inputs: number,
  units: number,
): ProtobufWriter[] {
  const both = new Float32Array(units * 8);
  both.set(turned(bias, 1, units));
  return [
    floats(`${name}.W`, [1, units * 4, inputs], turned(kernel, inputs, units)),
    floats(`${name}.R`, [1, units * 4, units], turned(recurrent, units, units)),
    floats(`${name}.B`, [1, units * 8], both),
  ];
}

/** From inputs × (i, f, g, o) to (i, o, f, g) × inputs. */
function turned(weights: Float32Array, inputs: number, units: number): Float32Array {
  const out = new Float32Array(weights.length);
  [0, 3, 1, 2].forEach((gate, place) => {
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0; input < inputs; input++) {
        const from = input * units * 4 + gate * units + unit;
        out[(place * units + unit) * inputs + input] = weights[from] as number;
      }
    }
  });
  return out;
}

function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly ProtobufWriter[] = [],
): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, outputs.at(-1) as string).text(4, type);
  for (const attribute of attributes) writer.message(5, attribute);
  return writer;
}

function integer(name: string, value: number): ProtobufWriter {
  return new ProtobufWriter().text(1, name).integer(3, value).integer(20, 2);
}

function integers(name: string, values: readonly number[]): ProtobufWriter {
  const writer = new ProtobufWriter().text(1, name);
  for (const value of values) writer.integer(8, value);
  return writer.integer(20, 7);
}

function strings(name: string, values: readonly string[]): ProtobufWriter {
  const writer = new ProtobufWriter().text(1, name);
  for (const value of values) writer.text(9, value);
  return writer.integer(20, 8);
}

function floats(name: string, dimensions: readonly number[], values: Float32Array): ProtobufWriter {
  return tensor(name, FLOAT, dimensions, floatBytes(values));
}

function longs(name: string, values: readonly number[]): ProtobufWriter {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setBigInt64(i * 8, BigInt(value), true));
  return tensor(name, INT64, [values.length], bytes);
}

function tensor(name: string, type: number, dimensions: readonly number[], raw: Uint8Array): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const size of dimensions) writer.integer(1, size);
  return writer.integer(2, type).text(8, name).bytes(9, raw);
}

/** A tensor of [n, rows, columns] floats. */
function valueInfo(name: string, rows: number, columns: number): ProtobufWriter {
  const shape = new ProtobufWriter().message(1, new ProtobufWriter().text(2, 'n'));
  for (const size of [rows, columns]) shape.message(1, new ProtobufWriter().integer(1, size));
  const type = new ProtobufWriter().integer(1, FLOAT).message(2, shape);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, type));
}

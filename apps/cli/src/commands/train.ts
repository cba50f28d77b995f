import { Command, Option } from 'commander';
import { fraction, positiveInteger, positiveNumber, seed } from '../options.ts';
import type { TrainLstmOptions } from '../train/train-lstm.ts';

export function trainCommand(): Command {
  return new Command('train').description('train a model on a table').addCommand(lstmCommand());
}

function lstmCommand(): Command {
  return new Command('lstm')
    .description('train an LSTM encoder-decoder on evenly spaced rows of sensors')
    .argument('<file>', 'table with a column time and a column a sensor, as prepare writes it')
    .option('--look-back <rows>', 'rows of a window', positiveInteger, 5)
    .option('--epochs <n>', 'times that every window is learned', positiveInteger, 10)
    .option('--split <fraction>', 'part of the rows, from the oldest on, to train on', fraction, 0.9)
    .option('--split-shuffled', 'shuffle the rows before the split, as the source does; it leaks')
    .option(
      '--validation <fraction>',
      'part of the training windows, the newest, to validate on',
      fraction,
      0.1,
    )
    .option('--forecast <rows>', 'learn the next rows instead of the window itself', positiveInteger)
    .option('--units <n>', 'units of each LSTM', positiveInteger, 128)
    .addOption(new Option('--activation <name>', 'of the cells').choices(['relu', 'tanh']).default('relu'))
    .option('--batch <n>', 'windows a step', positiveInteger, 32)
    .option('--rate <number>', 'learning rate of Adam', positiveNumber, 0.001)
    .option(
      '--patience <epochs>',
      'stop after that many epochs without a better validation loss',
      positiveInteger,
    )
    .option('--no-standardise', 'feed the values as they are')
    .option('--false-alarm-rate <rate>', 'alarms a window that the thresholds are set for', fraction, 0.001)
    .option('--seed <n>', 'of the first weights and of the order', seed, 42)
    .option('--threads <n>', 'threads; the weights do not depend on it', positiveInteger)
    .option('--strict', 'the same weights on every machine, not on this one alone')
    .option('--resume', 'go on from the checkpoint that an earlier run with the same --out left')
    .requiredOption('--out <file>', 'where to write the model')
    .option('--onnx <file>', 'write the model as ONNX, too')
    .option('--plot', 'draw the loss and what the model makes of the newest rows')
    .addOption(
      new Option('--output <format>', 'how the result is printed').choices(['text', 'json']).default('text'),
    )
    .action(async (file: string, options: TrainLstmOptions) => {
      const { trainLstm } = await import('../train/train-lstm.ts');
      process.exitCode = await trainLstm(file, options);
    });
}

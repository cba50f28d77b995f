import { Command, Option } from 'commander';
import type { DetectOptions } from '../detect/detect-file.ts';

export function detectCommand(): Command {
  return new Command('detect')
    .description('find the windows of a recorded series that a trained model cannot put together again')
    .argument('<file>', 'table with a column time and a column a sensor, as prepare writes it')
    .requiredOption('--model <file>', 'as train lstm writes it')
    .addOption(
      new Option('--output <format>', 'how alarms are printed').choices(['text', 'json']).default('text'),
    )
    .action(async (file: string, options: DetectOptions) => {
      const { detectFile } = await import('../detect/detect-file.ts');
      await detectFile(file, options);
    });
}

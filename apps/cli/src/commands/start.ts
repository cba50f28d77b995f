import { Command } from 'commander';

export function startCommand(): Command {
  return new Command('start')
    .description('the main job on the bundled snapshot of 25,552 PurpleAir sensors')
    .action(async () => {
      const { runStart } = await import('../start/run-start.ts');
      await runStart();
    });
}

import { Command, Option } from 'commander';

export function graphCommand(): Command {
  return new Command('graph')
    .description('show the steps of a flow')
    .argument('<flow>', 'file that exports the flow')
    .addOption(
      new Option('--format <format>', 'what to print').choices(['mermaid', 'svg', 'json']).default('mermaid'),
    )
    .action(async (path: string, { format }: { format: 'mermaid' | 'svg' | 'json' }) => {
      const [{ loadFlow }, { drawings }] = await Promise.all([
        import('@linnet/connectors/runtime'),
        import('../graph/drawings.ts'),
      ]);
      process.stdout.write(await drawings[format](await loadFlow(path, import.meta.url)));
    });
}

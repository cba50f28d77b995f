import { Command } from 'commander';
import { EXIT } from '../report.ts';

export function lintCommand(): Command {
  return new Command('lint')
    .description('check a flow without running it; exit 1 if something must be mended')
    .argument('<flow>', 'file that exports the flow')
    .action(async (path: string) => {
      const [{ loadFlow }, { lintGraph }] = await Promise.all([
        import('@linnet/connectors/runtime'),
        import('../graph/lint.ts'),
      ]);
      const findings = lintGraph(await loadFlow(path, import.meta.url));
      for (const { level, message } of findings) process.stdout.write(`${path}: ${level}: ${message}\n`);
      if (findings.length === 0) process.stdout.write(`${path}: nothing to mend\n`);
      if (findings.some(({ level }) => level === 'error')) process.exitCode = EXIT.failed;
    });
}

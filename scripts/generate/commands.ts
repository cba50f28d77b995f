import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { program } from '../../apps/cli/src/program.ts';
import type { Page } from './page.ts';

const PATH = 'docs/cli.md';
const WIDTH = 110;

/** The prose of docs/cli.md as it is, with each command's help as the command itself tells it; new commands come last. */
export function commandPages(): Page[] {
  let text = readFileSync(PATH, 'utf8');
  for (const [name, help] of helps(program(), '')) {
    const block = `\`\`\`text\n$ linnet ${name}--help\n${help.trimEnd()}\n\`\`\``;
    const old = new RegExp(`\`\`\`text\\n\\$ linnet ${name}--help\\n[^]*?\`\`\``);
    text = old.test(text)
      ? text.replace(old, () => block)
      : `${text.trimEnd()}\n\n## linnet ${name.trimEnd()}\n\n${block}\n`;
  }
  return [{ path: PATH, text }];
}

function* helps(command: Command, path: string): Generator<readonly [string, string]> {
  command.configureHelp({ helpWidth: WIDTH });
  yield [path, command.helpInformation()];
  for (const below of command.commands) yield* helps(below, `${path}${below.name()} `);
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { agentOptions, type AgentCommand, type OptionSpec } from '@linnet/agent/options';

export function agentCommand(): Command {
  const command = new Command('agent').description(
    'record readings on disk and send them until the server has stored them; JSON lines on standard input',
  );
  for (const spec of agentOptions) command.addOption(optionOf(spec));
  return command.action(async (options: AgentCommand) => {
    const { runAgent } = await import('@linnet/agent/command');
    process.exitCode = await runAgent(options);
  });
}

function optionOf({ name, value, summary, parse, choices, required }: OptionSpec): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} ${value}`, summary);
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) option.argParser((text: string) => parsed(parse, text));
  return option.makeOptionMandatory(required ?? false);
}

function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

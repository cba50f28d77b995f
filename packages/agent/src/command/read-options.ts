import { parseArgs } from 'node:util';
import { LinnetError } from '@linnet/core/base';
import { agentOptions, type AgentCommand, type OptionSpec } from './options.ts';

const specs: readonly OptionSpec[] = agentOptions;

/**
 * Reads a command line without any library.
 * @throws LinnetError `usage`
 */
export function readOptions(args: readonly string[]): AgentCommand {
  const types = Object.fromEntries(
    specs.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
  );
  let values: Record<string, unknown>;
  try {
    values = parseArgs({ args: [...args], options: types, strict: true }).values;
  } catch (cause) {
    throw new LinnetError('usage', (cause as Error).message.replaceAll('\n', ' '), { cause });
  }
  return checkRequired(
    Object.fromEntries(
      specs.flatMap((spec) => {
        const given = values[spec.name];
        return given === undefined ? [] : [[camel(spec.name), valueOf(spec, given)]];
      }),
    ),
  );
}

/** What `--help` of the package's own bin prints. */
export function helpText(): string {
  const rows = specs.map(({ name, value, summary, choices }) => {
    const kinds = choices === undefined ? '' : ` (${choices.join(', ')})`;
    return `  ${`--${name} ${value ?? ''}`.padEnd(26)}${summary}${kinds}\n`;
  });
  return `Usage: linnet-agent --id <name> --broker <url> [options]\nReadings as JSON lines on standard input, unless --http, --command or --follow is given.\n\n${rows.join('')}`;
}

function valueOf({ name, parse, choices }: OptionSpec, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (choices !== undefined && !choices.includes(given)) {
    throw new LinnetError('usage', `--${name} ${given}: it must be one of ${choices.join(', ')}`);
  }
  try {
    return parse === undefined ? given : parse(given);
  } catch (error) {
    throw new LinnetError('usage', `--${name} ${given}: ${(error as Error).message}`);
  }
}

function checkRequired(values: Record<string, unknown>): AgentCommand {
  const missing = specs.find(({ name, required }) => required && values[camel(name)] === undefined);
  if (missing !== undefined) throw new LinnetError('usage', `give --${missing.name} ${missing.value ?? ''}`);
  return values as unknown as AgentCommand;
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

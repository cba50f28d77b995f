import { LinnetError } from '@linnet/core/base';
import type { Agent } from '../agent.ts';

export interface Taken {
  recorded: number;
  /** Given up by the policy of the full buffer. */
  dropped: number;
  readonly errors: string[];
}

/** A trouble that repeats is told this often, then only counted. */
const TOLD_MAX = 5;

/** Where every input meets the agent: texts in, readings on disk when it resolves. */
export class Intake {
  /** Lines that were no reading. */
  invalid = 0;
  dropped = 0;
  private readonly agent: Agent;
  private readonly say: (text: string) => void;

  constructor(agent: Agent, say: (text: string) => void) {
    this.agent = agent;
    this.say = say;
  }

  /** Records each line that is not blank. @param where names a line by its place in `lines` */
  async lines(lines: readonly string[], where: (index: number) => string): Promise<Taken> {
    const taken: Taken = { recorded: 0, dropped: 0, errors: [] };
    await Promise.all(
      lines.map(async (line, index) => {
        if (line.trim() === '') return;
        try {
          if (await this.agent.record(this.readingOf(line))) taken.recorded++;
          else taken.dropped++;
        } catch (error) {
          if (!(error instanceof LinnetError) || error.code !== 'data.invalid') throw error;
          taken.errors.push(`${where(index)}: ${error.message}`);
        }
      }),
    );
    this.count(taken);
    return taken;
  }

  private readingOf(line: string): object {
    try {
      return readingOf(line);
    } catch (error) {
      this.agent.countInvalid();
      throw error;
    }
  }

  private count({ dropped, errors }: Taken): void {
    for (const error of errors) if (this.invalid++ < TOLD_MAX) this.say(`${error}; it is left out`);
    if (dropped > 0 && this.dropped === 0)
      this.say('readings are dropped, as --on-full says: the buffer or the disk is full, or fails');
    this.dropped += dropped;
  }
}

/** @throws LinnetError `data.invalid` */
function readingOf(line: string): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new LinnetError('data.invalid', `no JSON: ${JSON.stringify(line.slice(0, 60))}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (typeof value === 'number') return { value };
  throw new LinnetError('data.invalid', 'a reading is an object, such as {"temperature": 21.5}');
}

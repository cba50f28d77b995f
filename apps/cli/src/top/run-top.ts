import { confluentKafka, readConnection, readStatus, type MemberStatus } from '@linnet/connectors/kafka';
import { LinnetError } from '@linnet/core';
import { EXIT } from '../report.ts';
import { drawTop } from './draw-top.ts';

export interface RunTopOptions {
  readonly kafka: string;
  readonly kafkaConfig?: string;
  readonly app: string;
  readonly once?: boolean;
  readonly output: 'text' | 'json';
}

/** Shows what the members of a flow say of themselves, until it is told to end. @returns the exit code */
export async function runTop(options: RunTopOptions): Promise<number> {
  const port = confluentKafka(readConnection(options.kafka, options.kafkaConfig));
  let stopped = false;
  process.once('SIGINT', () => {
    stopped = true;
  });
  for await (const members of readStatus(port, options.app)) {
    if (members.length === 0 && options.once === true)
      throw new LinnetError(
        'io.not-found',
        `no process of ${options.app} has said anything in the last 10 s`,
      );
    show(members, options);
    if (options.once === true || stopped) break;
  }
  return stopped ? EXIT.interrupted : EXIT.done;
}

function show(members: readonly MemberStatus[], { output, app, once }: RunTopOptions): void {
  if (output === 'json') {
    for (const member of members) process.stdout.write(`${JSON.stringify(member)}\n`);
    return;
  }
  const clear = process.stdout.isTTY && once !== true ? '\u001B[H\u001B[2J' : '';
  process.stdout.write(`${clear}${drawTop(app, members)}`);
}

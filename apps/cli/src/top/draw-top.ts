import type { MemberStatus } from '@linnet/connectors/kafka';
import { textTable, type TextColumn } from '../text-table.ts';

const right = (title: string): TextColumn => ({ title, align: 'right' });
const left = (title: string): TextColumn => ({ title, align: 'left' });

/** The processes of a flow, their lanes and their steps, for a terminal. */
export function drawTop(app: string, members: readonly MemberStatus[]): string {
  const rate = members.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  const lag = members.flatMap(({ lanes }) => lanes).reduce((sum, lane) => sum + lane.lag, 0);
  return [
    `${app}: ${members.length} processes, ${count(rate)} records/s, lag ${count(lag)}\n\n`,
    textTable(
      [
        left('process'),
        right('records/s'),
        right('lag'),
        right('commit ms'),
        right('max'),
        right('dead letters'),
        right('MB'),
      ],
      members.map((member) => [
        member.instance,
        count(member.recordsPerSecond),
        count(member.lanes.reduce((sum, lane) => sum + lane.lag, 0)),
        member.commitMs.toFixed(1),
        member.commitMsMax.toFixed(1),
        count(member.deadLetters),
        (member.rssBytes / 1e6).toFixed(0),
      ]),
    ),
    '\n',
    textTable(
      [
        left('process'),
        right('lane'),
        left('state'),
        right('lag'),
        right('watermark lag'),
        right('to restore'),
      ],
      members.flatMap(({ instance, lanes }) =>
        lanes.map((lane) => [
          instance,
          String(lane.lane),
          lane.state,
          count(lane.lag),
          lane.watermarkLagMs === null ? '-' : `${(lane.watermarkLagMs / 1000).toFixed(1)} s`,
          count(lane.restoreRemaining),
        ]),
      ),
    ),
    '\n',
    textTable(
      [left('process'), left('step'), right('records/s')],
      members.flatMap(({ instance, steps }) =>
        Object.entries(steps).map(([step, perSecond]) => [instance, step, count(perSecond)]),
      ),
    ),
  ].join('');
}

function count(n: number): string {
  return n.toLocaleString('en');
}

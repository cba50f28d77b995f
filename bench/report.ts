import { isBetterHigher, type Figure, type Scenario } from './scenario.ts';

/** A scenario with all that was measured of it. */
export interface Result {
  readonly scenario: Scenario;
  readonly own: Figure;
  readonly peer: PeerFigure | undefined;
}

export interface PeerFigure {
  readonly name: string;
  readonly figure: Figure;
  /** Not measured now: a figure that was written down. */
  readonly recorded: boolean;
}

/** Ratios say how many times as good: above 1 is better than the target, or than the peer, whatever the unit. */
export function asData({ scenario, own, peer }: Result): object {
  const target = targetOf(scenario, peer);
  const toTarget = ratio(scenario, own, target);
  return {
    id: scenario.id,
    value: own.median,
    min: own.min,
    max: own.max,
    rounds: own.rounds,
    unit: scenario.unit,
    better: isBetterHigher(scenario) ? 'higher' : 'lower',
    target: target ?? null,
    toTarget: toTarget ?? null,
    met: toTarget === undefined ? null : toTarget >= 1,
    peer:
      peer === undefined
        ? null
        : {
            name: peer.name,
            value: peer.figure.median,
            min: peer.figure.min,
            max: peer.figure.max,
            recorded: peer.recorded,
          },
    toPeer: ratio(scenario, own, peer?.figure.median) ?? null,
  };
}

/** Lines of a table, one for each result as it comes. */
export class TableLines {
  private readonly widths: readonly number[];

  constructor(ids: readonly string[]) {
    this.widths = [Math.max(2, ...ids.map((id) => id.length)), 36, 9, 10, 9];
  }

  get head(): string {
    return this.line(['id', 'median (min..max)', 'unit', 'target', 'x target', 'x peer: its figure']);
  }

  row({ scenario, own, peer }: Result): string {
    const target = targetOf(scenario, peer);
    const toTarget = ratio(scenario, own, target);
    const toPeer = ratio(scenario, own, peer?.figure.median);
    return this.line([
      scenario.id,
      `${shown(own.median)} (${shown(own.min)}..${shown(own.max)})`,
      scenario.unit,
      target === undefined ? '-' : shown(target),
      toTarget === undefined ? '-' : `${toTarget.toFixed(2)}${toTarget < 1 ? ' MISS' : ''}`,
      peer === undefined || toPeer === undefined ? '-' : `${shown(toPeer)}: ${describe(peer)}`,
    ]);
  }

  private line(cells: readonly string[]): string {
    return cells
      .map((cell, at) => cell.padEnd(this.widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  }
}

function describe({ name, figure, recorded }: PeerFigure): string {
  return `${shown(figure.median)} ${name}${recorded ? ' (recorded)' : ` (${shown(figure.min)}..${shown(figure.max)})`}`;
}

function targetOf({ target }: Scenario, peer: PeerFigure | undefined): number | undefined {
  if (typeof target !== 'object') return target;
  return peer && peer.figure.median * target.timesPeer;
}

function ratio(scenario: Scenario, own: Figure, other: number | undefined): number | undefined {
  if (other === undefined) return undefined;
  return isBetterHigher(scenario) ? own.median / other : other / own.median;
}

function shown(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

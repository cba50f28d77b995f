import { InvalidArgumentError } from 'commander';
import { LinnetError } from '@linnet/core/base';

/** `--epsilon`: numbers for every sensor, or a number a name of a measure or sensor. */
export type Epsilons =
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  | { readonly kind: 'named'; readonly named: Readonly<Record<string, number>> };

/** Parses `0.1,0.2,0.5` or `temperature=0.5,humidity=2`. */
export function epsilons(text: string, before?: Epsilons): Epsilons {
  const items = text.split(',').map((item) => /^(?:(.+)=)?([^=]+)$/.exec(item.trim()));
  const values = items.map((item) => Number(item?.[2]?.trim() === '' ? Number.NaN : item?.[2]));
  const named = items.filter((item) => item?.[1] !== undefined).length;
  const good =
    values.every((value) => value > 0 && value < Infinity) && (named === 0 || named === items.length);
  if (!good || (before !== undefined && (before.kind === 'named') !== named > 0)) {
    throw new InvalidArgumentError(
      'Write numbers above 0, as 0.1,0.2,0.5, or one a name, as temperature=0.5.',
    );
  }
  if (named === 0) {
    const numbers = before?.kind === 'numbers' ? before.numbers : [];
    return { kind: 'numbers', numbers: [...numbers, ...values] };
  }
  const fresh = Object.fromEntries(items.map((item, i) => [item?.[1]?.trim() ?? '', values[i] as number]));
  return { kind: 'named', named: { ...(before?.kind === 'named' ? before.named : {}), ...fresh } };
}

/** Runs to make: for each what is printed, and a number a sensor. */
export function epsilonRuns(
  given: Epsilons,
  sensors: readonly string[],
  measure: string,
): { readonly shown: number | Readonly<Record<string, number>>; readonly bySensor: readonly number[] }[] {
  if (given.kind === 'numbers') {
    return given.numbers.map((shown) => ({ shown, bySensor: sensors.map(() => shown) }));
  }
  const { named } = given;
  const bySensor = sensors.map((sensor) => {
    const epsilon = Object.hasOwn(named, sensor) ? named[sensor] : named[measure];
    if (epsilon !== undefined) return epsilon;
    throw new LinnetError(
      'usage',
      `--epsilon names neither sensor ${sensor} nor ${measure}: add ${sensor}=… or ${measure}=…`,
    );
  });
  const first = bySensor[0] as number;
  return [{ shown: bySensor.every((epsilon) => epsilon === first) ? first : named, bySensor }];
}

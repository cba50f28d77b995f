/**
 * Parameters of a component: type, default, range and a sentence in one place. Help, docs, forms and checks come from it.
 */
import { LinnetError } from './error.ts';

/** Limits of a feature: what the fleet can plausibly report, lowest and highest. */
export type Range = readonly [low: number, high: number];

export interface Param<T> {
  readonly type: 'integer' | 'number' | 'flag' | 'choice' | 'text' | 'names' | 'ranges' | 'model';
  readonly summary: string;
  /** Absent: the parameter must be given. */
  readonly default?: T;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Returns what is wrong with a value, or nothing. */
  check(value: unknown): string | undefined;
}

export type Params = Readonly<Record<string, Param<unknown>>>;

/** What a component works with: every parameter present. */
export type Resolved<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

type Optional<P extends Params> = { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P];

/** What a user passes: parameters with a default may be left out. */
export type Given<P extends Params> = { readonly [K in Optional<P>]?: Resolved<P>[K] } & {
  readonly [K in Exclude<keyof P, Optional<P>>]: Resolved<P>[K];
};

type Options<T> = { summary: string; default?: T; unit?: string; min?: number; max?: number };
type With<T, O> = O extends { default: unknown } ? Param<T> & { default: T } : Param<T>;

export function integer<const O extends Options<number>>(options: O): With<number, O> {
  return make<number, O>('integer', options, (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return 'is not a whole number';
    return outside(value, options);
  });
}

export function number<const O extends Options<number>>(options: O): With<number, O> {
  return make<number, O>('number', options, (value) => {
    if (typeof value !== 'number' || Number.isNaN(value)) return 'is not a number';
    return outside(value, options);
  });
}

export function flag<const O extends { summary: string; default?: boolean }>(options: O): With<boolean, O> {
  return make<boolean, O>('flag', options, (value) =>
    typeof value === 'boolean' ? undefined : 'is neither true nor false',
  );
}

export function choice<const C extends string, const O extends { summary: string; default?: NoInfer<C> }>(
  choices: readonly C[],
  options: O,
): With<C, O> {
  const check = (value: unknown) =>
    choices.includes(value as C) ? undefined : `is none of ${choices.join(', ')}`;
  return { ...make<C, O>('choice', options, check), choices };
}

/** A number, or one word that stands for a number found out later, such as `auto`. */
export function wordOr<const W extends string>(
  word: W,
  param: Param<number>,
  byDefault: NoInfer<W> | number,
): Param<W | number> & { default: W | number } {
  return {
    ...param,
    default: byDefault,
    choices: [word],
    check: (value) => {
      const wrong = value === word ? undefined : param.check(value);
      return wrong === undefined ? undefined : `${wrong}, nor ${word}`;
    },
  };
}

/** Names of features, in the order in which a vector holds them. */
export function names<const O extends { summary: string; default?: readonly string[] }>(
  options: O,
): With<readonly string[], O> {
  return make<readonly string[], O>('names', options, (value) => {
    if (!Array.isArray(value) || value.length === 0) return 'is not a list of names';
    if (value.some((name) => typeof name !== 'string' || name === ''))
      return 'holds something that is no name';
    return new Set(value).size < value.length ? 'names something twice' : undefined;
  });
}

/** A range for each named feature. */
export function ranges<const O extends { summary: string; default?: Readonly<Record<string, Range>> }>(
  options: O,
): With<Readonly<Record<string, Range>>, O> {
  return make<Readonly<Record<string, Range>>, O>('ranges', options, (value) => {
    if (typeof value !== 'object' || value === null) return 'is not an object of [low, high] by feature';
    for (const [name, range] of Object.entries(value)) {
      const good =
        Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1];
      if (!good) return `has no [low, high] with low < high for ${name}`;
    }
    return undefined;
  });
}

/**
 * Fills in defaults and checks every value.
 * @throws LinnetError `config.unknown` for a parameter that does not exist, `config.invalid` for a bad value
 */
export function resolveParams<P extends Params>(component: string, params: P, given: object): Resolved<P> {
  for (const name of Object.keys(given)) {
    if (name in params) continue;
    throw new LinnetError(
      'config.unknown',
      `${component} has no parameter ${name}; it takes ${Object.keys(params).join(', ')}`,
    );
  }
  const resolved: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(params)) {
    const value = (given as Record<string, unknown>)[name] ?? param.default;
    if (value === undefined) {
      throw new LinnetError('config.invalid', `${component}.${name} is missing: ${param.summary}`);
    }
    const wrong = param.check(value);
    if (wrong !== undefined) {
      throw new LinnetError(
        'config.invalid',
        `${component}.${name}: ${display(value)} ${wrong}${hint(param)}`,
      );
    }
    resolved[name] = value;
  }
  return resolved as Resolved<P>;
}

function make<T, O extends { summary: string }>(
  type: Param<T>['type'],
  options: O,
  check: (value: unknown) => string | undefined,
): With<T, O> {
  return { type, ...options, check } as unknown as With<T, O>;
}

function outside(value: number, { min, max }: { min?: number; max?: number }): string | undefined {
  if (min !== undefined && value < min) return `is below ${min}`;
  if (max !== undefined && value > max) return `is above ${max}`;
  return undefined;
}

function hint(param: Param<unknown>): string {
  return param.default === undefined ? '' : ` (default ${display(param.default)})`;
}

function display(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}

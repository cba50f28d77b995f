/** One rule of the mapping: which topics it is for, and what the readings there are called. */
import { LinnetError } from '@linnet/core/base';
import type { Decoder } from '../decode/decoder.ts';
import { decoders } from '../decode/catalogue.ts';

/** As the configuration file writes it; `{name}` in `topic` stands for one level, and may be used in the others. */
export interface RuleConfig {
  readonly topic: string;
  /** Name of a decoder; default auto. */
  readonly decoder?: string;
  /** Default `{device}`. */
  readonly sensor?: string;
  readonly region?: string;
  /** Name of a value that comes without one; default `{metric}` where the topic has that, else `value`. */
  readonly metric?: string;
  /** New names for metrics. */
  readonly metrics?: Readonly<Record<string, string>>;
  /** Field that holds the device's own time. */
  readonly time?: string;
  /** Unit of it where it is a number; default ms. */
  readonly timeUnit?: 's' | 'ms';
  /** Fields that are no metrics. */
  readonly ignore?: readonly string[];
  /** Field whose text names the sensor, or the region, in the place of the topic. */
  readonly sensorField?: string;
  readonly regionField?: string;
}

export interface Rule extends Omit<RuleConfig, 'decoder' | 'metrics' | 'ignore'> {
  readonly levels: readonly string[];
  readonly decoder: Decoder;
  readonly renamed: ReadonlyMap<string, string>;
  readonly ignored: ReadonlySet<string>;
}

const KEYS: Readonly<Record<keyof RuleConfig, 'text' | 'texts' | 'names'>> = {
  topic: 'text',
  decoder: 'text',
  sensor: 'text',
  region: 'text',
  metric: 'text',
  metrics: 'names',
  time: 'text',
  timeUnit: 'text',
  ignore: 'texts',
  sensorField: 'text',
  regionField: 'text',
};
const PLACE = /\{([^{}]*)\}/g;

/**
 * @param where what errors begin with
 * @throws LinnetError `config.invalid`
 */
export function compileRule(given: unknown, where: string): Rule {
  const invalid = (why: string): LinnetError => new LinnetError('config.invalid', `${where}${why}`);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid(' is no object');
  for (const [key, value] of Object.entries(given)) {
    const kind = KEYS[key as keyof RuleConfig];
    if (kind === undefined) throw invalid(`.${key} is unknown; there are ${Object.keys(KEYS).join(', ')}`);
    if (!isKind(value, kind)) throw invalid(`.${key} must be ${WORDS[kind]}`);
  }
  const config = given as RuleConfig;
  if (config.topic === undefined) throw invalid('.topic is missing, such as "tele/{device}/{metric}"');
  const levels = config.topic.split('/');
  checkTopic(levels, config.topic, invalid);
  const decoder = decoders.get(config.decoder ?? 'auto');
  if (decoder === undefined) {
    throw invalid(
      `.decoder ${JSON.stringify(config.decoder)} is unknown; there are ${[...decoders.keys()].join(', ')}`,
    );
  }
  if (config.timeUnit !== undefined && !['s', 'ms'].includes(config.timeUnit)) {
    throw invalid('.timeUnit must be "s" or "ms"');
  }
  const places = new Set([...config.topic.matchAll(PLACE)].map(([, name]) => name));
  for (const key of ['sensor', 'region', 'metric'] as const) {
    for (const [, name] of (config[key] ?? '').matchAll(PLACE)) {
      if (!places.has(name))
        throw invalid(`.${key} uses {${name}}, which the topic ${config.topic} does not have`);
    }
  }
  const { decoder: _, metrics, ignore, ...rest } = config;
  return {
    ...rest,
    metric: config.metric ?? (places.has('metric') ? '{metric}' : 'value'),
    levels,
    decoder,
    renamed: new Map(Object.entries(metrics ?? {})),
    ignored: new Set([...(ignore ?? []), config.time, config.sensorField, config.regionField].filter(isText)),
  };
}

/** What the places of the rule's topic are in this one; nothing where it is another topic. */
export function matchRule({ levels }: Rule, topic: readonly string[]): Map<string, string> | undefined {
  const rest = levels.at(-1) === '#';
  const fixed = rest ? levels.length - 1 : levels.length;
  if (rest ? topic.length < fixed : topic.length !== fixed) return undefined;
  const places = new Map<string, string>();
  for (let i = 0; i < fixed; i++) {
    const level = levels[i] as string;
    const actual = topic[i] as string;
    if (level.startsWith('{')) places.set(level.slice(1, -1), actual);
    else if (level !== '+' && level !== actual) return undefined;
  }
  return places;
}

export function fill(template: string, places: ReadonlyMap<string, string>): string {
  return template.replaceAll(PLACE, (_, name: string) => places.get(name) ?? '');
}

const WORDS = { text: 'a text', texts: 'a list of texts', names: 'an object of texts' } as const;

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isKind(value: unknown, kind: 'text' | 'texts' | 'names'): boolean {
  if (kind === 'text') return isText(value);
  if (typeof value !== 'object' || value === null) return false;
  return (kind === 'texts') === Array.isArray(value) && Object.values(value).every(isText);
}

function checkTopic(levels: readonly string[], topic: string, invalid: (why: string) => LinnetError): void {
  levels.forEach((level, i) => {
    const last = i === levels.length - 1;
    const whole = /^\{[A-Za-z]\w*\}$/.test(level);
    if (
      level === '' ||
      (level === '#' && !last) ||
      (!whole && level !== '+' && level !== '#' && /[{}+#]/.test(level))
    ) {
      throw invalid(
        `.topic ${JSON.stringify(topic)}: {name} or + is one whole level, # the last one, and none is empty`,
      );
    }
  });
  if (!levels.includes('{device}')) throw invalid(`.topic ${JSON.stringify(topic)} has no level {device}`);
  const names = levels.filter((level) => level.startsWith('{'));
  if (new Set(names).size < names.length)
    throw invalid(`.topic ${JSON.stringify(topic)} names two levels alike`);
}

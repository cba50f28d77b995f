import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { About, Spec } from '../../packages/core/src/base/component.ts';
import type { Param } from '../../packages/core/src/base/param.ts';
import { entries, type Entry } from './catalogue.ts';
import { cell, MADE_BY, type Page } from './page.ts';

type AnyComponent = ((given: object) => Spec<unknown>) & { readonly about: About };

/** A page for each component, and one that lists them. */
export async function referencePages(): Promise<Page[]> {
  const { catalog } = await import('../../packages/core/src/catalog.gen.ts');
  const components = catalog as unknown as Readonly<Record<string, AnyComponent>>;
  const all = entries().flatMap((entry) => {
    const component = components[entry.name];
    return component === undefined ? [] : [{ entry, component }];
  });
  const pages = all.map(({ entry, component }) => ({
    path: `docs/reference/${pageName(entry)}`,
    text: pageOf(entry, component, components),
  }));
  const rows = all.map(
    ({ entry, component: { about } }) =>
      `| [\`${entry.name}\`](${pageName(entry)}) | ${about.stage} | ${cell(about.summary)} |`,
  );
  const index = `${MADE_BY}

# Reference

Every component, by the name under which \`linnet\` and \`@linnet/core\` export it. What goes wrong: [errors](errors.md). The command
line: [cli](../cli.md).

| component | stage | what it is |
| --------- | ----- | ---------- |
${rows.join('\n')}
`;
  return [{ path: 'docs/reference/README.md', text: index }, ...pages];
}

function pageName({ file }: Entry): string {
  return basename(file).replace(/ts$/, 'md');
}

function pageOf(entry: Entry, component: AnyComponent, all: Readonly<Record<string, AnyComponent>>): string {
  const { about } = component;
  const { prose, example } = docstring(entry);
  const params = Object.entries(about.params).map(([name, param]) => row(name, param));
  return `${MADE_BY}

# ${entry.name}

${prose}

- Stage: ${about.stage}
- Numbers of: ${about.source}
- State: ${stateOf(component, all)}
- Source: [${entry.file.replace('packages/core/src/', '')}](../../${entry.file})

## Parameters

| name | type | default | range | unit | what it is |
| ---- | ---- | ------- | ----- | ---- | ---------- |
${params.join('\n')}

## Errors

A parameter that is missing, of another type or out of its range throws \`config.invalid\`, one that does not exist
\`config.unknown\`, both when the component is configured and before any data. ${isStateful(component, all) ? '`restore` throws `snapshot.invalid` for bytes that are damaged, of another configuration or of a newer version, and leaves the state as it was.' : 'Loading a saved model throws `snapshot.invalid` for bytes that are damaged or no model of this kind.'}

## Example

\`\`\`ts
${example}
\`\`\`
`;
}

/** The prose above the component and its example. */
function docstring({ name, file }: Entry): { readonly prose: string; readonly example: string } {
  const source = readFileSync(file, 'utf8');
  const before = source.slice(0, source.indexOf(`export const ${name} =`));
  const text = before
    .slice(before.lastIndexOf('/**') + 3, before.lastIndexOf('*/'))
    .replaceAll(/^ *\* ?/gm, '')
    .trim();
  const [prose = '', example = ''] = text.split('@example');
  return { prose: prose.trim().replaceAll('<', '&lt;'), example: example.trim() };
}

function row(name: string, param: Param<unknown>): string {
  const { type, min, max, choices, unit = '', summary } = param;
  const range = choices?.map((choice) => `\`${choice}\``).join(', ') ?? rangeOf(min, max);
  const byDefault = param.default === undefined ? 'must be given' : `\`${JSON.stringify(param.default)}\``;
  return `| \`${name}\` | ${type} | ${cell(byDefault)} | ${range} | ${unit} | ${cell(summary)} |`;
}

function rangeOf(min?: number, max?: number): string {
  if (min === undefined && max === undefined) return '';
  if (max === undefined) return `from ${min}`;
  return min === undefined ? `up to ${max}` : `${min} to ${max}`;
}

/** Bytes of an instance with the least that must be given: one feature, all defaults. */
function stateOf(component: AnyComponent, all: Readonly<Record<string, AnyComponent>>): string {
  const instance = least(component, all).create() as { readonly bytes?: number };
  if (instance.bytes === undefined) return 'the fitted model; no state a key';
  return `${instance.bytes.toLocaleString('en')} bytes a key with one feature and the defaults`;
}

function isStateful(component: AnyComponent, all: Readonly<Record<string, AnyComponent>>): boolean {
  return 'restore' in (least(component, all).create() as object);
}

function least(component: AnyComponent, all: Readonly<Record<string, AnyComponent>>): Spec<unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(component.about.params)) {
    if (param.default === undefined) given[name] = valueFor(param, all);
  }
  return component(given);
}

function valueFor(
  { type, choices, min, max }: Param<unknown>,
  all: Readonly<Record<string, AnyComponent>>,
): unknown {
  if (type === 'names') return ['x'];
  if (type === 'choice') return choices?.[0];
  if (type === 'model') return all['halfSpaceTrees']?.({ features: ['x'] });
  if (type === 'ranges') return {};
  return Math.min(max ?? 1, Math.max(min ?? 1, 1)) * (type === 'number' && max === 1 ? 0.9 : 1);
}

import type { ModelSpec } from './component.ts';
import type { Param } from './param.ts';

/** A parameter that is itself a configured model, for components that wrap one. */
export function modelSpec(options: { summary: string }): Param<ModelSpec> {
  return {
    type: 'model',
    ...options,
    check: (value) =>
      isModelSpec(value) ? undefined : 'is not a configured model, such as halfSpaceTrees({ ... })',
  };
}

/** One text for equal parameters; a wrapped model counts by its name and parameters. */
export function identityOf(params: object): string {
  return JSON.stringify(params, (_, value: unknown) =>
    isModelSpec(value) ? { model: value.about.name, ...value.params } : value,
  );
}

function isModelSpec(value: unknown): value is ModelSpec {
  return typeof value === 'object' && value !== null && 'about' in value && 'create' in value;
}

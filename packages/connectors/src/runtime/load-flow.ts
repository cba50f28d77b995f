import { existsSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { LinnetError, type Graph } from '@linnet/core';

/** Names that a flow file may import wherever it lies: the running Linnet's own packages. */
const OWN = /^(?:linnet|@linnet\/[\w-]+)(?:\/|$)/;

/**
 * Loads the flow that a file exports as default.
 * @param path a .ts, .mts, .js or .mjs file
 * @param home module URL from which the names of Linnet's own packages are found when the file's own folder has none
 * @throws LinnetError `io.not-found`, `flow.invalid`, and what building the flow throws
 */
export async function loadFlow(path: string, home: string): Promise<Graph> {
  if (!existsSync(path)) throw new LinnetError('io.not-found', `${path}: there is no such flow file`);
  if (statSync(path).isDirectory())
    throw new LinnetError('io.failed', `${path} is a folder; give a flow file`);
  if (!/\.m?[jt]s$/.test(path)) {
    throw new LinnetError(
      'flow.invalid',
      `${path} is no flow file: a flow is the default export of a .ts, .mts, .js or .mjs file`,
    );
  }
  const url = pathToFileURL(resolve(path)).href;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      // The flow file itself is a module, whatever package.json lies near it.
      if (specifier === url)
        return { url, format: /\.m?ts$/.test(path) ? 'module-typescript' : 'module', shortCircuit: true };
      if (!OWN.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: home });
      }
    },
  });
  try {
    const module = (await import(url)) as { default?: { graph?: Graph } };
    const graph = module.default?.graph;
    if (graph === undefined) {
      throw new LinnetError(
        'flow.invalid',
        `${path} exports no flow: end it with "export default" and the flow`,
      );
    }
    return graph;
  } catch (cause) {
    if (cause instanceof LinnetError)
      throw new LinnetError(cause.code, `${path}: ${cause.message}`, { cause });
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new LinnetError(
      'flow.invalid',
      `${path}${lineOf(cause, url)} cannot be loaded: ${why.split('\n')[0]}`,
      { cause },
    );
  } finally {
    hooks.deregister();
  }
}

/** `:LINE` of the file where the error arose, when its stack tells. */
function lineOf(error: unknown, url: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${url}:`);
  return at < 0 ? '' : `:${Number.parseInt(stack.slice(at + url.length + 1), 10)}`;
}

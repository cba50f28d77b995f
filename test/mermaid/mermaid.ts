/**
 * Mermaid's own parser. The package with its dependencies weighs 181 MB, so only its single-file build is fetched, once,
 * into the checkout's cache folder, and its content is checked. Parsing needs no DOM; what loading asks of one is stood in for.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const VERSION = '12.3.0';
/** As the registry states it for mermaid-12.3.0.tgz. */
const INTEGRITY =
  'sha512-4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw==';
const cache = join(import.meta.dirname, '../../.cache');

/** A flow chart as Mermaid understood it. */
export interface Chart {
  readonly vertices: Map<string, { readonly text: string; readonly type?: string }>;
  readonly edges: readonly { readonly start: string; readonly end: string; readonly text: string }[];
}

export interface Mermaid {
  /** @throws Error with the place where Mermaid's parser stopped */
  chart(text: string): Promise<Chart>;
}

export function loadMermaid(): Mermaid {
  const context = createContext({ console, structuredClone, queueMicrotask, setTimeout, clearTimeout });
  runInContext(DOM, context);
  runInContext(readFileSync(singleFile(), 'utf8'), context, { filename: `mermaid-${VERSION}.min.js` });
  const { parse, mermaidAPI } = context['mermaid'] as {
    parse(text: string): Promise<unknown>;
    mermaidAPI: { getDiagramFromText(text: string): Promise<{ db: Database }> };
  };
  return {
    async chart(text) {
      await parse(text);
      const { db } = await mermaidAPI.getDiagramFromText(text);
      return { vertices: db.getVertices(), edges: [...db.getEdges()] };
    },
  };
}

interface Database {
  getVertices(): Chart['vertices'];
  getEdges(): Chart['edges'];
}

/** A document without `implementation` tells DOMPurify, which Mermaid runs over labels, to leave text as it is. */
const DOM = `
  var window = globalThis, self = globalThis, Element = class {};
  var addEventListener = () => {};
  var element = new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => '' : element),
    apply: () => element,
  });
  var document = { nodeType: 9, createElement: () => element };
`;

function singleFile(): string {
  const file = join(cache, `mermaid-${VERSION}.min.js`);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'mermaid-'));
  try {
    execFileSync('npm', ['pack', `mermaid@${VERSION}`, '--silent', '--pack-destination', folder], {
      shell: process.platform === 'win32',
    });
    const archive = join(folder, `mermaid-${VERSION}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== INTEGRITY) throw new Error(`mermaid@${VERSION} has the digest ${found}, not ${INTEGRITY}`);
    execFileSync('tar', ['-xzf', archive, '-C', folder, 'package/dist/mermaid.min.js']);
    renameSync(join(folder, 'package/dist/mermaid.min.js'), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return file;
}

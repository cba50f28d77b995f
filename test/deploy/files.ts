/** What lies in deploy/, read as the tools that use it would. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { parseAllDocuments } from 'yaml';
import { root } from '../run-linnet.ts';

type Json = ReturnType<typeof JSON.parse>;
/** Of no type: what it must look like is what the tests check. */
export type Tree = Readonly<Record<string, Json>>;

export const deploy = join(root, 'deploy');

/** Every document of a YAML file; merges (`<<`) are followed. */
export function readYaml(path: string): Tree[] {
  return [...parseAllDocuments(readFileSync(path, 'utf8'), { merge: true, strict: true })].map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
    return document.toJS() as Tree;
  });
}

export function compose(): Tree {
  return readYaml(join(deploy, 'compose/compose.yaml'))[0] as Tree;
}

/** Objects of all manifests, `kind/name` first. */
export function manifests(): [string, Tree][] {
  return globSync('kubernetes/*.yaml', { cwd: deploy })
    .toSorted()
    .flatMap((file) => readYaml(join(deploy, file)))
    .map((one) => [`${one['kind']}/${one['metadata']?.['name'] ?? ''}`, one]);
}

export function manifest(name: string): Tree {
  const found = manifests().find(([own]) => own === name)?.[1];
  if (found === undefined) throw new Error(`there is no ${name} in deploy/kubernetes`);
  return found;
}

export interface Stage {
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** The Dockerfile's stages; the last one has no name. */
export function stages(): Stage[] {
  const parsed = DockerfileParser.parse(readFileSync(join(deploy, 'Dockerfile'), 'utf8'));
  const found: { name: string; image: string; instructions: Instruction[] }[] = [];
  for (const instruction of parsed.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const [image = '', , name = ''] = instruction.getArguments().map((one) => one.getValue());
      found.push({ name, image, instructions: [] });
    } else found.at(-1)?.instructions.push(instruction);
  }
  return found;
}

/** The words of a command in its JSON form. */
export function wordsOf(instruction: Instruction): string[] {
  const text = instruction.getRawArgumentsContent() ?? '';
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}

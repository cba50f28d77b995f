import { LinnetError, type Graph } from '@linnet/core';
import { checkGraph, unread } from '@linnet/core/engine';

export interface Finding {
  readonly level: 'error' | 'warning';
  readonly message: string;
}

/** What makes a function give other results on another worker, or at another time. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)/, 'the time of day: take time from the record'],
  [/\bMath\.random\b|\brandomUUID\b/, 'chance: results cannot be repeated'],
  [
    /\bfetch\(|\bawait\b|\bsetTimeout\(/,
    'the outside world: steps are synchronous; do it in a source or sink',
  ],
];

/** Everything about a flow that can be told without running it. */
export function lintGraph(graph: Graph): Finding[] {
  const findings: Finding[] = [];
  try {
    checkGraph(graph);
  } catch (error) {
    if (!(error instanceof LinnetError)) throw error;
    findings.push({ level: 'error', message: error.message });
  }
  for (const step of unread(graph)) {
    findings.push({
      level: 'warning',
      message: `step "${step}" leads nowhere: give it a sink or leave it out`,
    });
  }
  for (const step of graph.steps.values()) {
    for (const fn of step.functions) findings.push(...functionFindings(step.id, fn));
  }
  return findings;
}

function functionFindings(step: string, fn: (...args: never[]) => unknown): Finding[] {
  if (fn.constructor.name === 'AsyncFunction') {
    return [
      { level: 'error', message: `step "${step}" has an async function: its records would be promises` },
    ];
  }
  const text = fn.toString();
  return IMPURE.filter(([pattern]) => pattern.test(text)).map(([, what]) => ({
    level: 'warning',
    message: `step "${step}" uses ${what}`,
  }));
}

/** Turns whatever was thrown into lines that can be printed in another process. */
import { inspect } from 'node:util';
import { compare } from 'uvu/diff';
import type { Failure } from './report.ts';

/** What uvu's and Node's assertion errors carry beside the message. */
interface AssertionFields {
  details?: unknown;
  actual?: unknown;
  expected?: unknown;
  operator?: unknown;
}

/** Names that say nothing beside the message. */
const plainNames = new Set(['Assertion', 'AssertionError', 'DeadlineError', 'Error']);

export function describe(thrown: unknown, prefix = ''): Failure {
  if (!(thrown instanceof Error))
    return { message: `${prefix}threw ${inspect(thrown)}, which is not an Error` };
  const name = plainNames.has(thrown.name) ? '' : `${thrown.name}: `;
  const failure: Failure = { message: prefix + name + thrown.message };
  const details = diff(thrown) ?? extra(thrown);
  if (details !== undefined) failure.details = details;
  const stack = frames(thrown);
  if (stack !== '') failure.stack = stack;
  return failure;
}

function diff(error: Error & AssertionFields): string | undefined {
  if (typeof error.details === 'string') return error.details;
  if (!('expected' in error) || !('actual' in error)) return undefined;
  if (String(error.operator).includes('not')) return undefined;
  return compare(error.actual, error.expected);
}

/** Causes and the parts of an AggregateError: a message alone often hides the reason. */
function extra(error: Error): string | undefined {
  const parts: string[] = [];
  if (error.cause !== undefined) parts.push(`cause: ${inspect(error.cause)}`);
  if (error instanceof AggregateError) {
    for (const inner of error.errors) parts.push(inspect(inner));
  }
  return parts.length > 0 ? parts.join('\n') : undefined;
}

function frames(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = lines.filter(
    (line) =>
      !/\(node:|at node:|at new Promise \(<anonymous>\)|node_modules\/(uvu|tsx)|packages\/testing\/src/.test(
        line,
      ),
  );
  return own
    .slice(0, 8)
    .map((line) => line.trim())
    .join('\n');
}

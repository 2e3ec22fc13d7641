import { spawnSync } from 'node:child_process';
import { isPython, type PythonContender, type Row } from './row.ts';

export interface Python {
  readonly command: string;
  readonly python: string;
  /** Absent where it does not have both. */
  readonly gevent?: { readonly greenlet: string; readonly gevent: string };
}

const VERSIONS = `
import json, platform
found = dict(python=platform.python_version())
try:
    import greenlet, gevent
    found["gevent"] = dict(greenlet=greenlet.__version__, gevent=gevent.__version__)
except ImportError:
    pass
print(json.dumps(found))
`;

/**
 * The first Python that has greenlet and gevent, otherwise the first that there is: the system's own first, because that is
 * where a system package puts them. All rows are measured with the same one.
 */
export function findPython(
  candidates: readonly string[] = ['/usr/bin/python3', 'python3'],
): Python | undefined {
  const found: Python[] = [];
  for (const command of candidates) {
    const asked = spawnSync(command, ['-c', VERSIONS], { encoding: 'utf8', timeout: 30_000 });
    if (asked.status === 0) found.push({ command, ...(JSON.parse(asked.stdout) as Omit<Python, 'command'>) });
  }
  return found.find(({ gevent }) => gevent !== undefined) ?? found[0];
}

const NONE = 'no python3 here';
const NO_GEVENT = 'no python3 here imports gevent and greenlet';

/** Why a contender in Python cannot take part; undefined when it can. */
export function whyNot(contender: PythonContender, python: Python | undefined): string | undefined {
  if (python === undefined) return NONE;
  return contender.standard === true || python.gevent !== undefined ? undefined : NO_GEVENT;
}

/** A line for each kind of Python peer that these rows want and that is not there. */
export function missingPython(rows: readonly Row[], python: Python | undefined): string[] {
  const reasons = rows.flatMap(({ contenders }) =>
    contenders.filter(isPython).map((contender) => whyNot(contender, python)),
  );
  return [
    ...(reasons.includes(NONE) ? [`peer python: absent (${NONE})`] : []),
    ...(reasons.includes(NO_GEVENT) ? [`peers gevent and greenlet: absent (${NO_GEVENT})`] : []),
  ];
}

import { spawnSync } from 'node:child_process';

export interface Python {
  readonly command: string;
  readonly python: string;
  readonly greenlet: string;
  readonly gevent: string;
}

const VERSIONS =
  'import json, platform, greenlet, gevent; ' +
  'print(json.dumps(dict(python=platform.python_version(), greenlet=greenlet.__version__, gevent=gevent.__version__)))';

/** The first Python that has greenlet and gevent: the system's own first, because that is where a system package puts them. */
export function findPython(
  candidates: readonly string[] = ['/usr/bin/python3', 'python3'],
): Python | undefined {
  for (const command of candidates) {
    const asked = spawnSync(command, ['-c', VERSIONS], { encoding: 'utf8', timeout: 30_000 });
    if (asked.status === 0) return { command, ...(JSON.parse(asked.stdout) as Omit<Python, 'command'>) };
  }
  return undefined;
}

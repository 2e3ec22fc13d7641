import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan } from './plan.ts';
import { isPython, type Contender, type Equipment, type Sample } from './row.ts';

/** With what the cells are run. */
export interface Programs {
  readonly node: string;
  /** Absent: no Python contender is started. */
  readonly python?: string;
}

export class CellCrash extends Error {
  override readonly name = 'CellCrash';
}

const DEADLINE = 600_000;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

function command(programs: Programs, contender: Contender, plan: Plan): [string, string[]] {
  const argument = JSON.stringify(plan);
  if (isPython(contender)) {
    if (programs.python === undefined)
      throw new CellCrash(`Expected a Python for ${contender.id}, there is none`);
    return [programs.python, [path(`../python/${contender.script}`), argument]];
  }
  return [programs.node, ['--expose-gc', path(`cell${extname(import.meta.url)}`), argument]];
}

function environment(equipment: Equipment['environment']): NodeJS.ProcessEnv {
  // What the one who calls the bench has set for his own Node must not reach the cells. Libraries are measured as in production.
  const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...rest } = process.env;
  return { ...rest, ...equipment, NODE_ENV: 'production', PYTHONDONTWRITEBYTECODE: '1' };
}

/** Every line of the form `{"sample": {...}}`; whatever else a library prints is not ours to read. */
export function readSamples(output: string): Sample[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{"sample"'));
  return lines.map((line) => (JSON.parse(line) as { sample: Sample }).sample);
}

/** Runs one cell once, in a process of its own, and returns its rounds. Throws a CellCrash that quotes what the process had to say. */
export function startCell(
  programs: Programs,
  contender: Contender,
  plan: Plan,
  equipment: Equipment['environment'] = {},
): Promise<Sample[]> {
  const [file, args] = command(programs, contender, plan);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: environment(equipment),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (complaints = `${complaints}${text}`.slice(-4_000)));
    child.on('error', (error) => reject(new CellCrash(error.message)));
    child.on('close', (code, signal) => {
      const samples = readSamples(output);
      if (code === 0 && samples.length === plan.rounds) return resolve(samples);
      const end = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      reject(
        new CellCrash(
          `${end}, ${samples.length} of ${plan.rounds} rounds${complaints === '' ? '' : `\n${complaints.trim()}`}`,
        ),
      );
    });
  });
}

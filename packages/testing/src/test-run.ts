/** One run of one test: what was there before, what it may do, and the verdict. */
import { DeadlineError, withDeadline } from './deadline.ts';
import { describe } from './failure.ts';
import { activeHandles, newHandles } from './handles.ts';
import * as hub from './hub-access.ts';
import { send, type Failure } from './report.ts';
import { settle } from './settle.ts';
import { soakFactor } from './soak.ts';

export interface TestOptions {
  /** Milliseconds until the test counts as hung; 10,000 unless told. */
  timeout?: number;
  /** How many greenlets are going to fail with nobody observing them; `true` for any number. */
  greenletErrors?: number | true;
  /** The body must (true) or must not (false) have switched greenlets. */
  switches?: boolean;
  /** What the test leaves behind on purpose. */
  leaves?: readonly ('greenlets' | 'handles')[];
}

export const defaultTimeout = 10_000;

/** Thrown by `skip()`: unwinds the body, and is no failure. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** An error from outside of the test's own flow: a late throw, an unhandled rejection. */
export class LateError extends Error {
  override readonly name = 'LateError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

let current: TestRun | null = null;
let lastName: string | null = null;
let ended = false;

/** From here on, the process of the file may end without more being said. */
export function endFile(): void {
  ended = true;
}

export function fileEnded(): boolean {
  return ended;
}

export function currentTest(): TestRun | null {
  return current;
}

/** For an error that comes from outside of any test's flow: whose neighbourhood it is. */
export function nearestTest(): string {
  if (current !== null) return `during "${current.name}"`;
  return lastName === null ? 'before the first test' : `after "${lastName}"`;
}

/** Begins the run of a test, which is the current one until its `end()`. */
export function beginTest(name: string): void {
  lastName = name;
  current = new TestRun(name);
}

export class TestRun {
  readonly name: string;
  #options: TestOptions = {};
  #failures: Failure[] = [];
  #skipReason: string | null = null;
  readonly #started = performance.now();
  readonly #handles = activeHandles();
  readonly #alive = hub.aliveGreenlets();
  readonly #greenletErrors: unknown[] = [];
  #expectedGreenletErrors: number | true = 0;

  constructor(name: string) {
    this.name = name;
    send({ type: 'start', name, timeout: defaultTimeout });
    hub.onGreenletError((error) => this.#greenletErrors.push(error));
  }

  get failed(): boolean {
    return this.#failures.length > 0;
  }

  expectGreenletErrors(count: number | true): void {
    this.#expectedGreenletErrors = count;
  }

  fail(error: unknown, prefix = ''): void {
    if (error instanceof Skipped) {
      this.#skipReason = error.message;
      return;
    }
    const failure = error instanceof LateError ? error.failure : describe(error, prefix);
    if (error instanceof DeadlineError) failure.details = hub.parkedGreenlets();
    this.#failures.push(failure);
  }

  /** Runs the test's own function. Never throws; whether it went well is in `failed`. */
  async body(options: TestOptions, start: () => unknown, isGenerator: boolean): Promise<void> {
    this.#options = options;
    if (options.greenletErrors !== undefined) this.#expectedGreenletErrors = options.greenletErrors;
    const timeout = (options.timeout ?? defaultTimeout) * soakFactor;
    send({ type: 'start', name: this.name, timeout });
    let before: number | null = null;
    let after: number | null = null;
    function* counting(): Generator {
      before = hub.switchCount();
      try {
        return yield* start() as Generator;
      } finally {
        after = hub.switchCount();
      }
    }
    const counted = (): unknown => {
      if (isGenerator) return hub.runAsGreenlet(`test "${this.name}"`, counting);
      before = hub.switchCount();
      return start();
    };
    try {
      await withDeadline(timeout, counted);
      this.#checkSwitches(before, after ?? hub.switchCount());
    } catch (error) {
      this.fail(error);
      if (error instanceof DeadlineError) this.#abort();
    }
  }

  /** Runs a hook that belongs to this test. */
  async hook(kind: string, start: () => unknown): Promise<void> {
    try {
      await withDeadline(defaultTimeout, start);
    } catch (error) {
      this.fail(error, `${kind}: `);
      if (error instanceof DeadlineError) this.#abort();
    }
  }

  /** The verdict, once the test and its hooks have ended and what they closed has had time to go. */
  async end(): Promise<void> {
    const leaves = this.#options.leaves ?? [];
    const leakedHandles = (): string[] => (leaves.includes('handles') ? [] : newHandles(this.#handles));
    const leakedGreenlets = (): number =>
      leaves.includes('greenlets') ? 0 : Math.max(0, hub.aliveGreenlets() - this.#alive);
    // A test that has failed already may well have left things open; saying so would only hide the reason.
    if (this.failed) await settle(() => true);
    else if (!(await settle(() => leakedHandles().length === 0 && leakedGreenlets() === 0))) {
      const greenlets = leakedGreenlets();
      const handles = leakedHandles();
      if (greenlets > 0) {
        const message = `leaked ${greenlets} greenlet${greenlets === 1 ? '' : 's'}, alive after the test`;
        this.#failures.push({ message, details: hub.parkedGreenlets() });
      }
      if (handles.length > 0) {
        const message = `leaked ${handles.join(', ')}: still keeping the process alive after the test`;
        this.#failures.push({ message });
      }
    }
    this.#checkGreenletErrors();
    this.#send();
    current = null;
    hub.onGreenletError((error) => {
      send({ type: 'file', failure: describe(error, `unexpected greenlet error ${nearestTest()}: `) });
    });
  }

  #checkSwitches(before: number | null, after: number | null): void {
    const wanted = this.#options.switches;
    if (wanted === undefined) return;
    if (before === null || after === null)
      throw new Error('`switches` needs a hub, and this package has none');
    const switches = after - before;
    if (wanted && switches === 0) throw new Error('must switch, and did not');
    if (!wanted && switches > 0) {
      throw new Error(`must not switch, and switched ${switches === 1 ? 'once' : `${switches} times`}`);
    }
  }

  #checkGreenletErrors(): void {
    const expected = this.#expectedGreenletErrors;
    const found = this.#greenletErrors.length;
    if (expected === true || expected === found) return;
    if (expected === 0) {
      for (const error of this.#greenletErrors)
        this.#failures.push(describe(error, 'unexpected greenlet error: '));
      return;
    }
    const message = `expected ${expected} unobserved greenlet error${expected === 1 ? '' : 's'}, got ${found}`;
    this.#failures.push({ message, details: this.#greenletErrors.map(String).join('\n') });
  }

  #send(): void {
    const { name } = this;
    const [failure, ...more] = this.#failures;
    if (failure !== undefined) send({ type: 'fail', name, failure: join(failure, more) });
    else if (this.#skipReason !== null) send({ type: 'skip', name, reason: this.#skipReason });
    else send({ type: 'pass', name, ms: performance.now() - this.#started });
  }

  /** A hung test cannot be stopped, and would disturb those that follow: the file ends here. */
  #abort(): never {
    this.#send();
    endFile();
    send({ type: 'file', failure: { message: `the tests after "${this.name}" were not run` } });
    process.exit(1);
  }

  /** The process is ending while this test still waits. */
  abandoned(reason: string): void {
    this.#failures.push({ message: reason, details: hub.parkedGreenlets() });
    this.#send();
  }
}

/** One test is one failure, however much is wrong with it. */
function join(first: Failure, more: readonly Failure[]): Failure {
  const others = more.map(({ message, details = '' }) => `also: ${message}\n${details}`.trimEnd());
  if (others.length === 0) return first;
  return {
    ...first,
    details: [first.details?.trimEnd() ?? '', ...others].filter((text) => text !== '').join('\n'),
  };
}

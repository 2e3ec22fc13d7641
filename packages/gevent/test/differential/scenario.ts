/** The language of the scenarios that both Python's gevent and ours play. Times are milliseconds. */

/** What waits take; each takes what fits it. */
export interface StepOptions {
  timeout?: number;
  block?: boolean;
  blocking?: boolean;
  /** Kills with an error of its own instead of a `GreenletExit`. */
  boom?: boolean;
  count?: number;
  raiseError?: boolean;
  maxsize?: number;
  /** How long the consumer sleeps behind each item. */
  pause?: number;
}

type On<Verb extends string, Rest extends unknown[] = []> = [verb: Verb, name: string, ...rest: Rest];
type Waits<Verb extends string> = On<Verb, [options?: StepOptions]>;

export type LinkKind = 'link' | 'linkValue' | 'linkException' | 'rawlink';

/** One thing that a greenlet does. Names are those of greenlets (`Scenario.greenlets`) or of objects. */
export type Step =
  | [verb: 'fail' | 'again']
  | [verb: 'sleep', ms: number]
  | [verb: 'return', value: number]
  | On<'log' | 'state' | 'unlink' | 'cancelTimeout'>
  | [verb: 'spawn', ...names: string[]]
  | [verb: 'spawnLater', ms: number, name: string]
  | Waits<'join' | 'get' | 'kill'>
  | [verb: 'killall' | 'joinall' | 'wait' | 'iwait', names: string[], options?: StepOptions]
  | On<'link', [kind: LinkKind, label: string]>
  | On<'linkResult', [result: string]>
  /** `caught` that contains `again` throws the error again. */
  | [verb: 'try', body: Step[], caught: Step[], final?: Step[]]
  | [verb: 'timeout', ms: number, body: Step[]]
  | [verb: 'withTimeout', ms: number, value: number, body: Step[]]
  | On<'startTimeout', [ms: number]>
  | On<'set', [value?: number]>
  | On<'setException' | 'clear' | 'release' | 'size' | 'done'>
  | Waits<'await' | 'result' | 'acquire' | 'take' | 'peek' | 'joinQueue'>
  | On<'rawlink', [label: string]>
  | On<'put', [item: number, options?: StepOptions]>
  | On<'poolSpawn' | 'poolAdd' | 'poolDiscard' | 'killone' | 'apply' | 'applyAsync', [greenlet: string]>
  | On<'poolState'>
  | Waits<'poolJoin' | 'poolKill'>
  | On<'map', [items: number[]]>
  | On<'imap', [verb: 'imap' | 'imapUnordered', items: number[], options?: StepOptions]>;

export type ObjectKind =
  | 'event'
  | 'result'
  | 'semaphore'
  | 'bounded'
  | 'rlock'
  | 'queue'
  | 'joinable'
  | 'lifo'
  | 'priority'
  | 'group'
  | 'pool';

export interface Scenario {
  /** What the greenlets share, by name: its kind, and its size or value. */
  objects?: Record<string, [kind: ObjectKind, size?: number | null]>;
  /** What each greenlet does once it is spawned; `main` does it from the beginning. */
  greenlets: Record<string, Step[]>;
  /** Whether, behind the last step of `main`, all are killed until they are dead, and their state is said. */
  ends?: boolean;
}

/** What happened: at which virtual time, and what. */
export type Trace = [ms: number, what: string][];

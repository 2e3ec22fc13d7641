/** What is known of the waits that steps begin. */
import { Greenlet, type JoinableQueue, type Queue, type Waitlike } from '../../src/index.ts';
import type { Members, Waiting } from '../differential/stage.ts';

/** Whether what is waited for is there. */
export function over({ verb, on }: Waiting): boolean {
  switch (verb) {
    case 'take':
    case 'peek':
      return !(on as Queue).empty();
    case 'put':
      return !(on as Queue).full();
    case 'acquire':
    case 'await':
    case 'result':
      return (on as Waitlike).ready();
    case 'join':
    case 'get':
    case 'kill':
      return (on as Greenlet<unknown>).dead;
    case 'joinall':
    case 'killall':
    case 'wait':
      return (on as Waitlike[]).every((one) => one.ready());
    case 'joinQueue':
      return (on as JoinableQueue).unfinishedTasks === 0;
    case 'poolJoin':
    case 'poolKill':
      return (on as Members).size === 0;
    case 'poolSpawn':
      return !(on as Members).full();
    default:
      return false;
  }
}

/** What is said of the wait in run info. */
export function named({ verb, on }: Waiting): string {
  const kind = (on as object | null)?.constructor.name;
  switch (verb) {
    case 'take':
      return `${kind}.get`;
    case 'put':
    case 'peek':
    case 'acquire':
      return `${kind}.${verb}`;
    case 'await':
      return `${kind}.wait`;
    case 'result':
      return `${kind}.get`;
    case 'joinQueue':
    case 'poolJoin':
      return `${kind}.join`;
    case 'sleep':
      return 'sleep';
    case 'join':
      return `the end of ${(on as Greenlet<unknown>).name}`;
    case 'get':
      return `the value of ${(on as Greenlet<unknown>).name}`;
    case 'kill':
    case 'killall':
      return 'the death of';
    case 'joinall':
    case 'wait':
      return `${verb} (`;
    case 'iwait':
      return 'the next of iwait';
    default:
      // Whatever a pool waits for, it says so.
      return '';
  }
}

/** What is waited for, for a message. */
export function shown(on: unknown): string {
  if (Array.isArray(on)) return on.map(shown).join(', ');
  return on instanceof Greenlet ? on.name : String((on as object | null)?.constructor.name);
}

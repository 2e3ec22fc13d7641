export { call, type Call } from './call.ts';
export { GreenletError, GreenletExit } from './errors.ts';
export { getcurrent, Greenlet } from './greenlet.ts';
export type { Coroutine, Suspension, Switch } from './switch.ts';
export { gettrace, settrace, type Tracer } from './trace.ts';
export { run } from './transfer.ts';

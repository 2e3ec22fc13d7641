/**
 * For those who put an event loop on greenlets: the parts of the switcher that users never need.
 */
export { show } from './errors.ts';
export { type Frame, isFrame } from './frame.ts';
export { enter, main, native } from './greenlet.ts';
export { current, DEAD, NATIVE, STARTED } from './state.ts';
export { ERROR, Switch, used, VALUE } from './switch.ts';
export { transfer } from './transfer.ts';

/**
 * For packages that run things in processes of their own.
 */
export { exitcodeOf, howItEnded, processError } from './process-error.ts';
export { currentRole, inherit, type ProcessRole } from './process-role.ts';
export { type ChildOptions, nameOf, sendSignal, startChild } from './start-child.ts';

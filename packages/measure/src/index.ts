export { describeMachine, load, type Machine, nodeVersions } from './machine.ts';
export { DISTURBED, listen } from './noise.ts';
export { childrenEnded, cpuOfChildren } from './process-tree.ts';
export { median, ratio, summarize, type Summary } from './statistics.ts';

export { bootstrap, bootstrapRatio, type Estimate, seededRandom, shuffled } from './bootstrap.ts';
export { describeMachine, load, type Machine, nodeVersions } from './machine.ts';
export { DISTURBED, listen } from './noise.ts';
export {
  childrenEnded,
  cpuOfChildren,
  cpuOfTree,
  memoryOfTree,
  pidsOfTree,
  type TreeMemory,
  type TreeUsage,
  usageOfTree,
} from './process-tree.ts';
export { median, ratio, summarize, type Summary } from './statistics.ts';

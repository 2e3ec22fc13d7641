export { expectGreenletErrors, skip, suite, test } from './suite.ts';
export type { Body, Context, Hook, Suite } from './suite.ts';
export type { TestOptions } from './test-run.ts';
export { runExamples } from './examples.ts';
export { checkReadmeNames, runReadme } from './readme.ts';
export { soak } from './soak.ts';

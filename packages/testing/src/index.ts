export { certificate } from './certificate.ts';
export { expectGreenletErrors, skip, suite, test } from './suite.ts';
export type { Body, Context, Hook, Suite } from './suite.ts';
export type { TestOptions } from './test-run.ts';
export { runExamples } from './examples.ts';
export { runPages } from './pages.ts';
export { checkReadmeNames } from './readme-names.ts';
export { runReadme } from './readme.ts';
export { soak } from './soak.ts';

import { runReadme } from '@switchyard/testing';

// The README of the whole project: its program uses this package.
runReadme(import.meta, '../../../README.md');

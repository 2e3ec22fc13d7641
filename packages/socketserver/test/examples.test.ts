import { runExamples } from '@switchyard/testing';

runExamples(import.meta);

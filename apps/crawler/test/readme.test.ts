import { runReadme } from '@switchyard/testing';

runReadme(import.meta);

import { checkReadmeNames, runReadme } from '@switchyard/testing';

runReadme(import.meta);
checkReadmeNames(import.meta);

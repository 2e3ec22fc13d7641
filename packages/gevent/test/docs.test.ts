import { runPages } from '@switchyard/testing';

runPages(import.meta);

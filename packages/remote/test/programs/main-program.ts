import { isMain } from '../../src/index.ts';

console.log('main:', isMain(import.meta));

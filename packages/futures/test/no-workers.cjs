/** Ends every worker of a pool before it is up: `node --require no-workers.cjs program.ts`. */
const { workerData } = require('node:worker_threads');

if (workerData?.switchyard !== undefined) process.exit(6);

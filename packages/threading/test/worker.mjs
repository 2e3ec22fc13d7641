// Runs one of worker-bodies.ts in a worker. Where `--import tsx` has no effect in workers, this has.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { hydrate } = await import('@switchyard/remote/core');
const bodies = await import('./worker-bodies.ts');
for (const module of workerData.modules) await import(module);
const result = await bodies[workerData.name](...hydrate(workerData.args));
parentPort.postMessage({ result });

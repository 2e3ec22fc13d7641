/**
 * For packages that run things in worker threads.
 */
export { type Role } from './thread-role.ts';
export { type Tenant, WorkerThread } from './worker-thread.ts';

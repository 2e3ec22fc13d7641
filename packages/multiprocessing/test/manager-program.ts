/** Programs for the manager tests: what is run is the first argument. */
import { isMain } from '@switchyard/remote';
import type { DictProxy } from '../src/dict-proxy.ts';
import { Manager } from '../src/manager.ts';
import { Process } from '../src/process.ts';
import { useForEver } from './manager-tasks.ts';

const [, , role, address = '', key = ''] = process.argv;

const roles: Record<string, () => Promise<void>> = {
  /** Another program of the same user. */
  async connect() {
    const manager = Manager.connect(address, Buffer.from(key, 'base64'));
    const jobs = (await manager.names.get('jobs')) as DictProxy<string, unknown>;
    await jobs.set('done', manager.list(['by', process.pid]));
    console.log(await jobs.get('text'));
  },

  /** Ends with the manager running, and something left to do for nobody. */
  async leave() {
    const manager = Manager();
    await manager.list().length();
    console.log(manager.address);
  },

  /** Is killed, with a manager and a child that uses it. */
  async linger() {
    const manager = Manager();
    const dict = manager.dict<string, number>();
    new Process({ target: useForEver, args: [dict] }).start();
    while (!(await dict.has('uses')));
    console.log(JSON.stringify([manager.address, await dict.get('pid')]));
    await manager.Queue().get();
  },
};

if (isMain(import.meta)) await roles[role ?? '']?.();

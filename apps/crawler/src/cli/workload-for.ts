import { parseWorkload } from '../workload/parse-workload.ts';
import { WorkloadError } from '../workload/perform.ts';
import type { Workload } from '../workload/workload.ts';
import { UsageError } from './usage-error.ts';

/** What `--work` asks for, loaded; `undefined` for links alone. @throws UsageError when that cannot be done */
export async function workloadFor(text: string): Promise<Workload | undefined> {
  try {
    const work = await parseWorkload(text);
    return work.type === 'links' ? undefined : work;
  } catch (error) {
    if (error instanceof WorkloadError) throw new UsageError(error.message);
    throw error;
  }
}

/** What cannot be known on this system. @param kind whether pages are measured, or tasks of somebody's own */
export function systemWarnings(kind: 'crawls' | 'tasks'): string[] {
  if (process.platform === 'linux') return [];
  const work = kind === 'crawls' ? 'that of reading pages alone' : 'the time their items took';
  return [
    `${process.platform} does not tell what other processes use: CPU time of engines with processes is ${work}, memory that of the main process, and nothing is known of the load of others.`,
  ];
}

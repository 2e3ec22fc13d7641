import { task } from '../src/index.ts';
import { onHandle } from '../src/core.ts';

/** Answers, on the connections that it is given, with what came with them and over them; ends with the message that has none. */
export const answer = task(
  import.meta,
  'answer',
  () =>
    new Promise<number>((resolve) => {
      let given = 0;
      const off = onHandle((message, connection) => {
        const { text } = message as { text: string };
        if (connection === undefined) {
          off();
          resolve(given);
          return;
        }
        given++;
        connection.on('data', (bytes) => connection.end(`${text} ${String(bytes)} of ${process.pid}`));
      });
    }),
);

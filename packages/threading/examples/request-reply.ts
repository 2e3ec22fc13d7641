/** A server thread: each request brings along the queue that its answer goes to. */
import { isMain, Queue, task, Thread } from '@switchyard/threading';

interface Request {
  readonly question: number;
  readonly reply: Queue<number>;
}

export const serve = task(import.meta, 'serve', async (requests: Queue<Request>) => {
  let served = 0;
  for await (const { question, reply } of requests) {
    await reply.put(question * question);
    served++;
  }
  return served;
});

export const ask = task(import.meta, 'ask', function* (requests: Queue<Request>, question: number) {
  const reply = new Queue<number>(1);
  yield* requests.put({ question, reply });
  return yield* reply.get();
});

if (isMain(import.meta)) {
  const requests = new Queue<Request>(2);
  const server = new Thread({ target: serve, args: [requests] });
  server.start();

  const clients = [3, 4, 5].map((question) => new Thread({ target: ask, args: [requests, question] }));
  for (const client of clients) client.start();
  for (const client of clients) console.log(await client);

  requests.shutdown();
  console.log(`${await server} requests were served`);
}

// Output:
// 9
// 16
// 25
// 3 requests were served

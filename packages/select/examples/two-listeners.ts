/** One loop, two listeners: what each connection sends is answered, according to where it came in. */
import {
  createConnection,
  createServer,
  select,
  type Socket,
  sockRecv,
  sockSendall,
} from '@switchyard/select';

const loud = await createServer(['127.0.0.1', 0]);
const backwards = await createServer(['127.0.0.1', 0]);
const answers = new Map<Socket, (text: string) => string>();

async function serve(): Promise<void> {
  let open = 4;
  while (open > 0) {
    const [readable] = await select([loud, backwards, ...answers.keys()], [], []);
    for (const socket of readable) {
      if (socket === loud || socket === backwards) {
        const [connection] = socket.accept();
        answers.set(
          connection,
          socket === loud ? (text) => text.toUpperCase() : (text) => Array.from(text).toReversed().join(''),
        );
        continue;
      }
      const bytes = socket.recv(1024);
      if (bytes.length > 0) socket.send(Buffer.from(answers.get(socket)!(bytes.toString())));
      else {
        answers.delete(socket);
        socket.close();
        open--;
      }
    }
  }
}

async function ask(listener: Socket, text: string): Promise<string> {
  using client = await createConnection(listener.getsockname());
  await sockSendall(client, Buffer.from(text));
  return (await sockRecv(client, 1024)).toString();
}

const serving = serve();
const asked = [ask(loud, 'hello'), ask(backwards, 'stressed'), ask(loud, 'bye'), ask(backwards, 'drawer')];
console.log(await Promise.all(asked));
await serving;
loud.close();
backwards.close();

// Output:
// [ 'HELLO', 'desserts', 'BYE', 'reward' ]

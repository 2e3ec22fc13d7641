import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

const test = suite('exit');

/** Runs an ES module in a process of its own, the way that this one is run. */
function program(source: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', source], {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('a wait that nothing could ever end is told so, with what it waits for', async () => {
  const { code, stderr } = await program(`
    import { DefaultSelector, EVENT_READ, socket } from '@switchyard/select';
    const selector = new DefaultSelector();
    const fresh = socket();
    fresh.events = 0;
    selector.register(fresh, EVENT_READ);
    await selector.select();
  `);
  assert.is.not(code, 0);
  assert.match(stderr, /LoopExit/);
  assert.match(stderr, /await selector\.select of 1/);
});

test('a listener keeps the process alive while a select waits, and the end of the program is the end', async () => {
  const { code, stdout, stderr } = await program(`
    import { createConnection, createServer, select } from '@switchyard/select';
    const listener = await createServer(['127.0.0.1', 0]);
    setTimeout(() => void createConnection(listener.getsockname()).then((client) => client.close()), 30).unref();
    const [[one]] = await select([listener], [], []);
    one.accept()[0].close();
    listener.close();
    console.log('done');
  `);
  assert.is(stderr, '');
  assert.is(code, 0);
  assert.is(stdout, 'done\n');
});

test('a BlockingIOError that nobody catches says what it is', async () => {
  const { code, stderr } = await program(`
    import { createServer } from '@switchyard/select';
    const listener = await createServer(['127.0.0.1', 0]);
    setTimeout(() => listener.accept(), 1);
  `);
  assert.is.not(code, 0);
  assert.match(stderr, /BlockingIOError: accept: no connection yet \(EAGAIN\)/);
});

test.run();

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RuntimeError } from '@switchyard/remote';
import { skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { allocate, type Area, areaOf } from '../src/arena.ts';
import { directories, hasRoom } from '../src/arena-open.ts';
import { flicker, make, named, openFiles, wordOf } from './arena-tasks.ts';
import { endWorkers, Worker } from './arena-workers.ts';

const test = suite('arena');
const linux = process.platform === 'linux';
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** The names that there are for files of shared memory. */
function names(): string[] {
  return [...new Set(['/dev/shm', ...directories()])]
    .flatMap((directory) => {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    })
    .filter((name) => name.startsWith('switchyard-memory-'));
}

const filesOpen = () => readdirSync('/proc/self/fd').length;

test.after.each(endWorkers);

test('an area is all 0, begins at a multiple of 8, and is nobody else’s', () => {
  const areas = [1, 3, 8, 9, 64, 65, 1000, 100_000].map((bytes) => allocate(bytes));
  for (const area of areas) {
    assert.is(area.start % 8, 0);
    const bytes = new Uint8Array(area.length).fill(1);
    area.read(bytes);
    assert.ok(bytes.every((byte) => byte === 0));
  }
  for (const [index, area] of areas.entries()) area.write(new Uint8Array(area.length).fill(index + 1));
  for (const [index, area] of areas.entries()) {
    const bytes = new Uint8Array(area.length);
    area.read(bytes);
    assert.ok(
      bytes.every((byte) => byte === index + 1),
      `area ${index}`,
    );
  }
});

test('words and bytes are read and written within an area only', () => {
  const area = allocate(16);
  area.writeInt32(12, -7);
  assert.is(area.readInt32(12), -7);
  area.write(new Uint8Array([1, 2]), 14);
  const bytes = new Uint8Array(4);
  area.read(bytes, 12);
  assert.equal([...bytes], [0xf9, 0xff, 1, 2]);

  const outside = (error: unknown) =>
    error instanceof RangeError &&
    /^Expected \d bytes within an area of 16, got them at /.test(error.message);
  assert.throws(() => area.readInt32(13), outside);
  assert.throws(() => area.writeInt32(-4, 0), outside);
  assert.throws(() => area.read(bytes, 14), outside);
  assert.throws(() => area.write(bytes, Number.NaN), outside);
});

test('what is described and comes back is the same memory, by the file that is open already', () => {
  const area = allocate(8);
  area.writeInt32(0, 5);
  const again = areaOf(JSON.parse(JSON.stringify(area.describe())));
  assert.is(again.readInt32(0), 5);
  again.writeInt32(0, 6);
  assert.is(area.readInt32(0), 6);
  assert.is(again.fd, area.fd);
});

test('processes and threads see what the others write, whoever made it and whenever', async () => {
  const workers = [new Worker('process'), new Worker('process'), new Worker('thread')];
  const mine = allocate(8);
  mine.writeInt32(0, 100);
  const theirs = await Promise.all(workers.map((worker, index) => worker.run(make, 8, 1000 * index)));
  for (const worker of workers) {
    await worker.run(wordOf, mine.describe(), 1);
    for (const state of theirs) await worker.run(wordOf, state, 1);
  }
  assert.is(mine.readInt32(0), 103);
  assert.equal(
    theirs.map((state) => areaOf(state).readInt32(0)),
    [3, 1003, 2003],
  );

  // The files are open everywhere by now, and grow.
  const far = allocate(900_000);
  far.writeInt32(0, 9);
  for (const worker of workers)
    assert.is(await worker.run(wordOf, far.describe(), 1), 9 + workers.indexOf(worker));
  const large = await workers[0]!.run(make, 3_000_000, 77);
  assert.is(await workers[1]!.run(wordOf, large), 77);
});

test('a word is never seen half written', async () => {
  const area = allocate(16);
  const worker = new Worker('process');
  const rounds = worker.run(flicker, area.describe());
  while (area.readInt32(12) === 0) await turn();
  const bytes = new Uint8Array(8);
  const whole = new BigInt64Array(bytes.buffer);
  const seen = new Set<bigint>();
  for (let n = 0; n < 200_000; n++) {
    area.read(bytes);
    seen.add(whole[0]!);
  }
  area.writeInt32(8, 1);
  assert.ok((await rounds) > 0);
  for (const value of seen) assert.ok(value === 0n || value === -1n, value.toString(16));
});

test('memory of a process that was killed stays for those who have it, and they pass it on', async () => {
  const before = names();
  const maker = new Worker('process');
  const user = new Worker('process');
  const state = await maker.run(make, 8, 42);
  const area = areaOf(state);
  await maker.kill();
  assert.is(area.readInt32(0), 42);
  assert.is(await user.run(wordOf, area.describe(), 1), 42);
  assert.is(area.readInt32(0), 43);
  await user.kill();
  assert.is(area.readInt32(0), 43);
  if (linux) assert.equal(names(), before);
});

test('whoever comes when the process that made it has ended is told so', async () => {
  const maker = new Worker('process');
  const state = await maker.run(make, 8, 42);
  await maker.kill();
  assert.throws(
    () => areaOf(state),
    (error: unknown) =>
      error instanceof RuntimeError &&
      error.message.endsWith(
        'its memory is not there any more: the process (or thread) that made it has ended',
      ),
  );
});

test('a thread that ends closes what it opened, but not what it made and sent', async () => {
  if (!linux) skip('open files are counted in /proc');
  const [mine, large] = [allocate(8), allocate(1_100_000)];
  const before = filesOpen();
  for (let n = 0; n < 3; n++) {
    const thread = new Worker('thread');
    await thread.run(wordOf, mine.describe(), 1);
    await thread.run(wordOf, large.describe(), 1);
    await thread.stop();
  }
  assert.is(filesOpen(), before);

  const maker = new Worker('thread');
  const state = await maker.run(make, 8, 42);
  await maker.stop();
  assert.is(areaOf(state).readInt32(0), 42);
});

test('a path that leads to another file by now is not taken for it', () => {
  const [one, other] = [allocate(2_000_000).describe(), allocate(2_000_000).describe()];
  const token = one.file.token.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  for (const paths of [other.file.paths, ['/dev/null'], ['/'], [fileURLToPath(import.meta.url)], []]) {
    assert.throws(() => areaOf({ ...one, file: { token, paths } }), /that made it has ended/);
  }
});

test('a hundred thousand areas are one file', () => {
  if (!linux) skip('open files are counted in /proc');
  const before = filesOpen();
  const areas = Array.from({ length: 100_000 }, () => allocate(4));
  assert.ok(filesOpen() - before <= 1);
  assert.is(new Set(areas.map((area) => area.start)).size, 100_000);
});

test('memory that nobody uses any more is used again, all 0; large areas close their files', async () => {
  if (!linux) skip('open files are counted in /proc');
  const bytes = new Uint8Array(776).fill(0xff);
  const round = () => {
    let last!: Area;
    for (let n = 0; n < 500; n++) {
      last = allocate(776);
      const found = new Uint8Array(776);
      last.read(found);
      assert.ok(found.every((byte) => byte === 0));
      last.write(bytes);
    }
    for (let n = 0; n < 10; n++) allocate(1_100_000);
    return fstatSync(last.fd).size;
  };
  const files = filesOpen();
  let size = round();
  let grown = 0;
  for (let n = 0; n < 20; n++) {
    // What was collected is told in a turn of the event loop.
    for (let turns = 0; turns < 5; turns++) {
      gc();
      await turn();
    }
    const next = round();
    if (next > size) grown++;
    size = next;
  }
  assert.ok(grown < 5, `it grew ${grown} times`);
  gc();
  while (filesOpen() > files + 1) {
    await turn();
    gc();
  }
});

test('memory that was described stays, though nobody here uses it', async () => {
  const worker = new Worker('process');
  const describe = (bytes: number, word: number) => {
    const area = allocate(bytes);
    area.writeInt32(0, word);
    return area.describe();
  };
  const states = [describe(8, 5), describe(2_000_000, 6)];
  for (let turns = 0; turns < 5; turns++) {
    gc();
    await turn();
  }
  for (let n = 0; n < 1000; n++) allocate(8).writeInt32(0, -1);
  assert.equal([await worker.run(wordOf, states[0]!), await worker.run(wordOf, states[1]!)], [5, 6]);
});

test('what was sent here is closed when nobody here uses it any more', async () => {
  if (!linux) skip('open files are counted in /proc');
  const maker = new Worker('process');
  await maker.run(make, 8, 1);
  const before = filesOpen();
  const use = async () => {
    const area = areaOf(await maker.run(make, 2_000_000, 7));
    assert.is(area.readInt32(0), 7);
  };
  for (let n = 0; n < 30; n++) await use();
  gc();
  while (filesOpen() > before) {
    await turn();
    gc();
  }
  assert.ok((await maker.run(openFiles)) >= 30, 'the maker keeps what it described');
});

test('where files must have names, they are private, and go with their process', async () => {
  const before = names();
  const [maker, user] = [new Worker('process'), new Worker('process')];
  for (const worker of [maker, user]) await worker.run(named);
  const state = await maker.run(make, 8, 42);
  const [path] = state.file.paths;
  assert.ok(path!.startsWith(tmpdir()), path);
  if (linux) assert.is(statSync(path!).mode & 0o777, 0o600);
  assert.is(await user.run(wordOf, state, 1), 42);
  assert.is(areaOf(state).readInt32(0), 43);
  await maker.stop();
  assert.equal(names(), before);
  assert.is(await user.run(wordOf, state), 43);
});

test('where files must have names, the next user removes what a killed process left', async () => {
  const before = names();
  const [maker, user] = [new Worker('process'), new Worker('process')];
  for (const worker of [maker, user]) await worker.run(named);
  const state = await maker.run(make, 8, 42);
  await user.run(wordOf, state);
  await maker.kill();
  assert.is(names().length, before.length + 1);
  await user.stop();
  assert.equal(names(), before);

  const killed = new Worker('process');
  await killed.run(named);
  await killed.run(make, 8, 42);
  await killed.kill();
  const next = new Worker('process');
  await next.run(named);
  const made = await next.run(make, 8, 42);
  assert.equal(
    names().filter((name) => !before.includes(name)).length,
    1,
    'only that of the one which is alive',
  );
  await next.stop();
  assert.not.ok(names().some((name) => made.file.paths[0]!.endsWith(name)));
});

test('where there is no room it says so, and what there is still works', async () => {
  assert.not.ok(hasRoom(tmpdir(), 2 ** 60));
  assert.not.ok(hasRoom('/no/such/directory', 1));
  assert.throws(
    () => allocate(2 ** 50),
    (error: unknown) =>
      error instanceof RuntimeError && error.message.startsWith('Found no place for 1125899906842688 bytes'),
  );
  if (!linux) skip('limits are set by a shell');
  const program = fileURLToPath(new URL('arena-limited.ts', import.meta.url));
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 8192; exec "$@"', 'sh', process.execPath, ...process.execArgv, program],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  const [refused, ...rest] = text.trim().split('\n');
  assert.match(refused!, /^RuntimeError: Found no place for 16000064 bytes of memory/);
  assert.equal(rest, ['small 5', 'more than one file']);
});

test('no other user finds a name of it', () => {
  if (!linux) skip('it has a name');
  const area = allocate(8);
  const [path] = area.describe().file.paths;
  assert.is(path, `/proc/${process.pid}/fd/${area.fd}`);
  const { mode, nlink } = fstatSync(area.fd);
  assert.is(nlink, 0);
  assert.is(mode & 0o777, 0o600);
});

test.run();

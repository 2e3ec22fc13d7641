import { spawn, sleep, joinall, Group, Pool, Queue, JoinableQueue, race, Event, iwait, killall, Greenlet, wait, AsyncResult, Timeout, withTimeout, GreenletExit } from '../src/index.ts';
import { getHub } from '../../hub/src/index.ts';
const log: string[] = [];
getHub().onError = (e, g) => log.push('REPORTED ' + String(e) + ' ' + g?.name);
async function section(name: string, body: () => any) {
  try { await spawn(body); } catch (e) { log.push('threw ' + String(e)); }
  await new Promise((r) => setTimeout(r, 30));
  console.log(name, log.splice(0));
}
await section('F2 order', function* () {
  const g = spawn(() => log.push('body')); g.rawlink(() => log.push('link'));
  spawn(() => log.push('other')); g.kill({ block: false }); spawn(() => log.push('after'));
  yield* sleep(5);
});
await section('F3 shutdown', function* () {
  const q = new JoinableQueue<string>(1); q.putNowait('a');
  const p = spawn(function* () { try { yield* q.put('b'); log.push('put b'); } catch (e) { log.push(String(e)); } });
  yield* sleep(0);
  q.getNowait(); q.shutdown({ immediate: true });
  yield* sleep(5); log.push(`size ${q.qsize()} unfinished ${q.unfinishedTasks}`); 
});
await section('F4 leak on bad', function* () {
  const e = new Event();
  try { yield* wait([e, 5 as any]); } catch (x) { log.push(String(x)); }
  log.push('links ' + e.linkcount());
  const it = iwait([e], { count: 1 }); e.set(); yield* it.next(); it[Symbol.dispose](); it[Symbol.dispose]();
});
await section('F5 group join raise', function* () {
  const g = new Group();
  g.spawn(function* () { throw new Error('one'); }); g.spawn(function* () { yield* sleep(10); });
  try { yield* g.join({ raiseError: true }); } catch (e) { log.push('join threw ' + e); }
});
await section('F6 applyAsync', function* () {
  const p = new Pool(2); p.applyAsync(function* () { yield* sleep(5); log.push('ran'); });
  log.push('size ' + p.size); yield* p.join(); log.push('joined');
});
await section('F7 add twice', function* () {
  const p = new Pool(2); const g = spawn(() => sleep(1)); yield* p.add(g); yield* p.add(g); yield* p.join();
  log.push(`free ${p.freeCount()}`); yield* p.spawn(() => sleep(1)); const r = yield* withTimeout(10, p.spawn(() => sleep(1)), { value: 'stuck' }); log.push(String(r === 'stuck'));
});
await section('F8 imap timeout', function* () {
  const p = new Pool(2);
  using it = p.imap(function* (n: number) { yield* sleep(20); return n; }, [1, 2, 3]);
  log.push(String(yield* withTimeout(5, it.next(), { value: 'late' })));
  for (let i = 0; i < 3; i++) log.push(JSON.stringify(yield* withTimeout(200, it.next(), { value: 'late' })));
});
await section('F8 source error', function* () {
  const p = new Pool();
  using it = p.imapUnordered(function* (n: number) { yield* sleep(5); return n; }, (function* () { yield 1; yield 2; throw new Error('src'); })());
  for (let i = 0; i < 4; i++) try { log.push(JSON.stringify(yield* it.next())); } catch (e) { log.push(String(e)); }
});
await section('F8 lost error at early leave', function* () {
  const p = new Pool();
  { using it = p.imapUnordered(function* (n: number) { if (n === 1) throw new Error('lost?'); return n; }, [0, 1]);
  yield* it.next(); yield* sleep(1); }
});
await section('F9 kill own error', function* () {
  const g = spawn(() => sleep(100)); yield* sleep(0); yield* g.kill(new Error('own'));
});
await section('F9 cleanup error', function* () {
  const g = spawn(function* () { try { yield* sleep(100); } finally { yield* sleep(1); throw new Error('cleanup'); } }); yield* sleep(0); yield* g.kill();
});
await section('F9 killall cleanup error', function* () {
  const g = spawn(function* () { try { yield* sleep(100); } finally { yield* sleep(1); throw new Error('cleanup'); } }); yield* sleep(0); yield* killall([g]);
});
await section('F11', function* () {
  class W extends Greenlet<number> { n: number; constructor(n: number) { super(); this.n = n; } override *run() { return this.n; } }
  const g = (W as any).spawn(5); log.push(String(yield* g));
});
await section('F13', function* () {
  const r = new AsyncResult<number>(); const g = spawn(() => sleep(10)); g.link(r as any); yield* sleep(0); yield* g.kill(); log.push('value ' + String(yield* r.get()));
});
await section('F14 race item loss', function* () {
  const q = new Queue<number>();
  const g = spawn(function* () { const v = yield* race([q.get(), sleep(100)]); log.push('got ' + v); });
  yield* sleep(0);
  q.putNowait(1); g.kill({ block: false });
  yield* sleep(5); log.push('left ' + q.qsize());
});
await section('F16 map close', function* () {
  const p = new Pool(1);
  const src = (function* () { try { yield 1; yield 2; yield 3; } finally { log.push('closed'); } })();
  const m = spawn(() => p.map(() => sleep(20), src)); yield* sleep(0); yield* sleep(0); yield* m.kill();
});
await section('F12', function* () {
  const g = spawn(() => sleep(100)); yield* sleep(0);
  for (const bad of ['reason', 5, {}, { timeuot: 3 }]) try { yield* g.kill(bad); log.push('killed with ' + JSON.stringify(bad)); } catch (e) { log.push(String(e)); }
});
await section('kill timeout in throw', function* () {
  const g = spawn(() => sleep(100)); yield* sleep(0);
  g.kill({block:false}); yield* sleep(1); log.push(String(g.dead));
});
await section('wait twice', function* () {
  const w = wait(); const a = spawn(() => w); const b = spawn(() => w);
  const g = spawn(() => sleep(5));
  log.push(JSON.stringify(yield* withTimeout(100, function* () { yield* joinall([g]); a.kill({block:false}); return yield* b; }, { value: 'stuck' })));
  a.kill({ block: false }); b.kill({ block: false });
});

import { Greenlet, getcurrent, run } from '@switchyard/greenlet';
import { sleep, all, race, settled, withTimeout, Timeout, until, getHub, shield, Waiter, withVirtualTime, LoopExit, idle } from '@switchyard/hub';
import { Strand } from '@switchyard/hub/core';
const go = <T>(f: () => any): Promise<T> => new Promise((res, rej) => new Strand('go', f, (bad, v) => bad ? rej(v as any) : res(v as T)));
const log: unknown[] = [];
const t0 = performance.now();
await go(function* () { log.push('a1'); yield* sleep(0); log.push('a2'); });
await Promise.all([1, 2].map((i) => go(function* () { log.push(i + 'A'); yield* sleep(0); log.push(i + 'B'); })));
console.log(log);
await sleep(20); console.log('slept', performance.now() - t0 > 20);
console.log(await all([sleep(5), until(Promise.resolve(7)), (function* () { yield* sleep(1); return 'co'; })()]));
console.log(await race({ a: sleep(50), b: until(Promise.resolve('x')) }), await race([sleep(30), until(Promise.resolve(3))]));
console.log(await settled([until(Promise.reject(new Error('no'))), sleep(1)]));
console.log(await withTimeout(10, function* () { yield* sleep(1000); return 1 }, { value: 'late' }), await withTimeout(10, () => sleep(1)));
try { await withTimeout(10, sleep(100)) } catch (e) { console.log(String(e), e instanceof Timeout) }
try { await withTimeout(5, function* () { try { yield* sleep(100) } catch {} return 5 }) } catch (e) { console.log('swallowed', String(e)) }
console.log(await go(function* () { using t = Timeout.start(10); try { yield* sleep(100) } catch (e) { return e === t } }));
try { await withTimeout(10, () => shield(function* () { yield* sleep(40); console.log('shield done') })) } catch (e) { console.log(String(e)) }
const w = new Waiter<number>(); setTimeout(() => w.wake(5), 5); console.log(await w);
let d = await withVirtualTime(function* () { const s = getHub().now(); yield* sleep(3600_000); return getHub().now() - s }); console.log('virtual', d, performance.now() - t0 < 500);
try { run(new Greenlet(function* (): any { yield* sleep(5) }).switch()) } catch (e) { console.log(String(e)) }
try { [...(sleep(1) as any)] } catch (e) { console.log(String(e)) }
// starvation
let timerAt = 0; const s = performance.now(); setTimeout(() => timerAt = performance.now() - s, 20);
await go(function* () { while (performance.now() - s < 60) yield* sleep(0); }); console.log('timer at', timerAt < 40);
{ const N = 300000; for (let k = 0; k < 3; k++) { const t = process.cpuUsage(); await Promise.all([1,2].map(() => go(function* () { for (let i = 0; i < N; i++) yield* sleep(0) }))); const d = process.cpuUsage(t); console.log('sleep0 ns', (d.user + d.system) * 1000 / N / 2) } }
console.log(getHub().alive, getHub().formatRunInfo());
new Strand('deadlocked', function* () { yield* new Waiter() }, () => {});
try { await new Waiter() } catch (e) { console.log(e instanceof LoopExit, String(e)) }
await all([new Waiter(), sleep(3)]);

"""Plays scenarios with gevent, on a clock that does not wait, and says what happened in each.

Reads a scenario as JSON from each line of the standard input, and answers each with a line of JSON: a list of
`[milliseconds, what]`. A step is a list: its verb, then what it works on; `scenario.ts` says what there is. Each greenlet
is a list of steps; `main` runs in the main greenlet. Milliseconds everywhere.
"""

import gc
import heapq
import json
import sys

import gevent
import gevent.core
from gevent.event import AsyncResult, Event
from gevent.exceptions import LoopExit
from gevent.lock import BoundedSemaphore, RLock, Semaphore
from gevent.pool import Group, Pool
from gevent.queue import Empty, Full, JoinableQueue, LifoQueue, PriorityQueue, Queue


class VirtualTimer:
    """What `loop.timer` gives, as far as gevent uses it."""

    def __init__(self, loop, after):
        self.loop = loop
        # Seconds are no exact milliseconds; times that are equal in the scenario have to be equal here.
        self.after = round(after * 1000 * 2**20) / 2**20
        self.callback = None
        self.args = ()
        self.pending = False
        self.entry = None

    @property
    def active(self):
        return self.entry is not None

    def start(self, callback, *args, update=None):
        self.stop()
        self.callback = callback
        self.args = args
        self.loop.add(self)

    def stop(self):
        if self.entry is not None:
            self.entry[2] = None
        self.entry = self.callback = None
        self.pending = False

    def close(self):
        self.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def fire(self):
        callback, args = self.callback, self.args
        self.stop()
        try:
            callback(*args)
        except BaseException:  # noqa: B902 -- as the real loop does
            self.loop.handle_error(self, *sys.exc_info())


class VirtualLoop(gevent.core.loop):
    """gevent's own loop, but for the timers: when nothing is runnable, time jumps to the earliest of them.

    Those that are due at the same time fire in the order in which they were started, before anything that they make
    runnable. With a real clock no two of them are started at the same time, which is why that is their order there too.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.time = 0
        self.order = 0
        self.heap = []
        # A real timer, so that the real loop goes on while there are virtual ones.
        self.real = super().timer(0)

    def timer(self, after, repeat=0.0, ref=True, priority=None):
        return VirtualTimer(self, after)

    def add(self, timer):
        self.order += 1
        timer.entry = [self.time + timer.after, self.order, timer]
        heapq.heappush(self.heap, timer.entry)
        if not self.real.active:
            self.real.start(self.look)

    def look(self):
        self.real.stop()
        self.drop_stopped()
        # Whatever has become runnable has its turn first.
        if self.heap and not self._callbacks:
            self.time = self.heap[0][0]
            due = []
            while self.heap and self.heap[0][0] == self.time:
                timer = heapq.heappop(self.heap)[2]
                if timer is not None:
                    timer.pending = True
                    due.append((timer, timer.entry))
            for timer, entry in due:
                # Not if it was stopped, or started again, by one before it.
                if timer.entry is entry:
                    timer.fire()
            self.drop_stopped()
        if self.heap:
            self.real.start(self.look)

    def drop_stopped(self):
        while self.heap and self.heap[0][2] is None:
            heapq.heappop(self.heap)


class InOrder(dict):
    """For the members of a group: a set would kill them in an order that is another in each run."""

    def add(self, member):
        self[member] = True

    def discard(self, member):
        self.pop(member, None)

    remove = dict.__delitem__


class Boom(Exception):
    pass


def seconds(ms):
    return ms / 1000


class Scenario:
    def __init__(self, scenario):
        self.bodies = scenario['greenlets']
        self.ends = scenario.get('ends', False)
        self.objects = {name: self.make(*spec) for name, spec in scenario.get('objects', {}).items()}
        self.greenlets = {}
        # Those that the scenario has no name for as well.
        self.everybody = []
        self.links = {}
        self.timeouts = {}
        # The timeouts that steps have started: a wait that gives up by itself throws one that is not among them.
        self.started = []
        self.began = gevent.get_hub().loop.time
        self.log = []

    def make(self, kind, size=None):
        made = {
            'event': lambda: Event(),
            'result': lambda: AsyncResult(),
            'semaphore': lambda: Semaphore(size),
            'bounded': lambda: BoundedSemaphore(size),
            'rlock': lambda: RLock(),
            'queue': lambda: Queue(size),
            'joinable': lambda: JoinableQueue(size),
            'lifo': lambda: LifoQueue(size),
            'priority': lambda: PriorityQueue(size),
            'group': lambda: Group(),
            'pool': lambda: Pool(size),
        }[kind]()
        if isinstance(made, Group):
            made.greenlets = InOrder()
        return made

    def say(self, who, *words):
        self.log.append([gevent.get_hub().loop.time - self.began, ' '.join([who, *map(self.shown, words)])])

    def shown(self, value):
        if value is None:
            return 'none'
        if value is True or value is False:
            return str(value).lower()
        if isinstance(value, BaseException):
            return type(value).__name__
        if isinstance(value, (list, tuple)):
            return '[' + ' '.join(map(self.shown, value)) + ']'
        for names in (self.greenlets, self.objects):
            for name, known in names.items():
                if known is value:
                    return name
        return str(value)

    def run(self):
        gevent.get_hub().handle_error = lambda *args: None
        try:
            self.steps('main', self.bodies['main'])
        except BaseException as error:  # noqa: B902 -- a kill as well
            self.say('main', 'ends with', error)
        if self.ends:
            self.end()
        said = list(self.log)
        alive = [g for g in self.greenlets.values() if not g.dead]
        for g in alive:
            g.unlink_all()
        gevent.killall(alive)
        return said

    def end(self):
        """Kills all that still live, which some survive more than once, and says what has become of each."""
        for timeout in self.timeouts.values():
            timeout.cancel()
        rounds = 0
        while True:
            alive = [g for g in self.everybody if not g.dead]
            if not alive:
                break
            rounds += 1
            if rounds > 100:
                self.say('main', 'cannot end', alive)
                break
            try:
                gevent.killall(alive, timeout=seconds(3 + 2**-10))
            except gevent.Timeout:
                pass
        # Links have their turn, and what nobody has a name for comes to its end.
        gevent.sleep(1)
        for name in self.greenlets:
            self.do_state('main', name)

    def known(self, g):
        if not any(one is g for one in self.everybody):
            self.everybody.append(g)
        return g

    def body(self, name):
        self.known(gevent.getcurrent())
        value = self.steps(name, self.bodies[name])
        self.say(name, 'ends')
        return value

    def steps(self, who, steps):
        for step in steps:
            verb, args = step[0], step[1:]
            if verb == 'return':
                return args[0]
            if verb in ('join', 'get', 'state', 'kill', 'link', 'linkResult', 'poolAdd'):
                name = args[1] if verb == 'poolAdd' else args[0]
                if name not in self.greenlets:
                    self.say(who, 'knows no', name)
                    continue
            getattr(self, 'do_' + verb)(who, *args)
        return None

    def named(self, names):
        return [self.greenlets[name] for name in names if name in self.greenlets]

    @staticmethod
    def limit(options):
        timeout = options.get('timeout')
        return None if timeout is None else seconds(timeout)

    def own(self, error, options):
        """Whether a wait has given up by itself. Otherwise it is cut short by a timeout around it."""
        limited = 'timeout' in options or options.get('block') is False
        return limited and isinstance(error, gevent.Timeout) and not any(error is one for one in self.started)

    def says(self, who, what, wait, options={}):
        """Says what a wait gives, or the way in which it fails, if that is part of it."""
        try:
            value = wait()
        except (Boom, gevent.Timeout) as error:
            if isinstance(error, gevent.Timeout) and not self.own(error, options):
                raise
            value = error
        self.say(who, what, value)

    # Greenlets.

    def do_log(self, who, text):
        self.say(who, text)

    def do_sleep(self, who, ms):
        gevent.sleep(seconds(ms))

    def do_fail(self, who):
        raise Boom()

    def spawned(self, name, make):
        if name in self.greenlets:
            return False
        self.greenlets[name] = self.known(make())
        return True

    def do_spawn(self, who, *names):
        for name in names:
            self.spawned(name, lambda: gevent.spawn(self.body, name))

    def do_spawnLater(self, who, ms, name):
        self.spawned(name, lambda: gevent.spawn_later(seconds(ms), self.body, name))

    def do_join(self, who, name, options={}):
        self.greenlets[name].join(self.limit(options))
        self.say(who, 'joined', name, self.greenlets[name].dead)

    def do_get(self, who, name, options={}):
        g = self.greenlets[name]
        self.says(
            who, 'got', lambda: g.get(block=options.get('block', True), timeout=self.limit(options)), options
        )

    def do_state(self, who, name):
        g = self.greenlets[name]
        self.say(who, 'sees', name, g.dead, g.ready(), g.successful(), g.value, g.exception)

    def do_kill(self, who, name, options={}):
        error = Boom() if options.get('boom') else gevent.GreenletExit
        self.greenlets[name].kill(error, block=options.get('block', True), timeout=self.limit(options))
        self.say(who, 'killed', name)

    def do_killall(self, who, names, options={}):
        try:
            gevent.killall(self.named(names), block=options.get('block', True), timeout=self.limit(options))
            self.say(who, 'killed all')
        except gevent.Timeout as error:
            if not self.own(error, options):
                raise
            self.say(who, 'could not kill all')

    @staticmethod
    def enough(objects, options):
        """Whether a wait for these is over before it begins: see play.ts."""
        count = options.get('count')
        return len([1 for one in objects if one.ready()]) >= min(len(objects) if count is None else count, len(objects))

    def do_joinall(self, who, names, options={}):
        greenlets = self.named(names)
        if self.enough(greenlets, options):
            self.say(who, 'need not join')
            return
        limit, count = self.limit(options), options.get('count')
        try:
            if options.get('raiseError', False):
                done = self.join_or_raise(greenlets, limit, count)
            else:
                done = gevent.joinall(greenlets, timeout=limit, count=count)
            self.say(who, 'joined', done)
        except Boom as error:
            self.say(who, 'joinall threw', error)

    @staticmethod
    def join_or_raise(greenlets, limit, count):
        """What joinall does, but for what it forgets when it raises: to stop its timer and to unlink the others."""
        done = []
        with gevent.iwait(greenlets, timeout=limit, count=count) as ended:
            for g in ended:
                if g.exception is not None:
                    raise g.exception
                done.append(g)
        return done

    def objects_of(self, names):
        known = {**self.greenlets, **self.objects}
        objects = [known[name] for name in names if name in known]
        for thing in objects:
            self.pin(thing, thing.ready())
        return objects

    @staticmethod
    def pin(thing, holds):
        """
        Links one more to what is about to tell those who wait. When the last of them leaves before that, gevent calls it
        off, and forgets those who came to wait in the meantime: see play.ts.
        """
        if holds and isinstance(thing, (Event, AsyncResult, Semaphore)):
            thing.rawlink(lambda thing: None)

    def do_wait(self, who, names, options={}):
        objects = self.objects_of(names)
        if self.enough(objects, options):
            self.say(who, 'need not wait')
            return
        ready = gevent.wait(objects, timeout=self.limit(options), count=options.get('count'))
        self.say(who, 'has ready', ready)

    def do_iwait(self, who, names, options={}):
        for one in gevent.iwait(self.objects_of(names), timeout=self.limit(options), count=options.get('count')):
            self.say(who, 'sees ready', one)
            if options.get('pause'):
                gevent.sleep(seconds(options['pause']))
        self.say(who, 'has seen all')

    def do_link(self, who, name, kind, label):
        def callback(g):
            self.say(label, 'told of', g.successful())

        g = self.greenlets[name]
        verbs = {'link': g.link, 'linkValue': g.link_value, 'linkException': g.link_exception, 'rawlink': g.rawlink}
        verbs[kind](callback)
        self.links[label] = lambda: g.unlink(callback)

    def do_unlink(self, who, label):
        if label in self.links:
            self.links.pop(label)()

    def do_linkResult(self, who, name, result):
        self.greenlets[name].link(self.objects[result])

    def do_try(self, who, body, caught, final=[]):
        try:
            self.steps(who, body)
        except BaseException as error:  # noqa: B902 -- a kill as well
            self.say(who, 'caught', error)
            self.steps(who, caught)
            if ['again'] in caught:
                raise
        finally:
            self.steps(who, final)

    def do_again(self, who):
        pass

    def do_timeout(self, who, ms, body):
        timeout = None
        try:
            with gevent.Timeout(seconds(ms)) as timeout:
                self.started.append(timeout)
                self.steps(who, body)
            self.say(who, 'in time')
        except gevent.Timeout as error:
            self.say(who, 'its own timeout' if error is timeout else 'another timeout')
            if error is not timeout:
                raise

    def do_withTimeout(self, who, ms, value, body):
        self.say(who, 'within', gevent.with_timeout(seconds(ms), self.steps, who, body, timeout_value=value))

    def do_startTimeout(self, who, name, ms):
        if name in self.timeouts:
            self.timeouts[name].cancel()
        self.timeouts[name] = gevent.Timeout(seconds(ms))
        self.started.append(self.timeouts[name])
        self.timeouts[name].start()

    def do_cancelTimeout(self, who, name):
        timeout = self.timeouts.get(name)
        if timeout is not None:
            self.say(who, 'cancels', name, timeout.pending)
            timeout.cancel()

    # Events and results.

    def do_set(self, who, name, value=None):
        thing = self.objects[name]
        if not isinstance(thing, Event) and thing.ready():
            self.say(who, 'need not set', name)
            return
        self.pin(thing, thing.linkcount() > 0)
        thing.set() if isinstance(thing, Event) else thing.set(value)
        self.say(who, 'set', name)

    def do_setException(self, who, name):
        thing = self.objects[name]
        if thing.ready():
            self.say(who, 'need not fail', name)
            return
        self.pin(thing, thing.linkcount() > 0)
        thing.set_exception(Boom())
        self.say(who, 'failed', name)

    def do_clear(self, who, name):
        self.objects[name].clear()
        self.say(who, 'cleared', name)

    def do_await(self, who, name, options={}):
        thing = self.objects[name]
        self.say(who, 'waited for', name, thing.wait(timeout=self.limit(options)))

    def do_result(self, who, name, options={}):
        thing = self.objects[name]
        self.says(
            who,
            'got ' + name,
            lambda: thing.get(block=options.get('block', True), timeout=self.limit(options)),
            options,
        )

    def do_rawlink(self, who, name, label):
        def callback(thing):
            self.say(label, 'told of', thing)

        thing = self.objects[name]
        self.pin(thing, thing.ready())
        thing.rawlink(callback)
        self.links[label] = lambda: thing.unlink(callback)

    # Semaphores and locks.

    def do_acquire(self, who, name, options={}):
        taken = self.objects[name].acquire(blocking=options.get('blocking', True), timeout=self.limit(options))
        self.say(who, 'acquired', name, bool(taken))

    def do_release(self, who, name):
        thing = self.objects[name]
        semaphore = thing._block if isinstance(thing, RLock) else thing
        self.pin(semaphore, semaphore.linkcount() > 0)
        try:
            thing.release()
            self.say(who, 'released', name, getattr(thing, 'counter', None))
        except (ValueError, RuntimeError):
            self.say(who, 'released too often')

    # Queues.

    def do_put(self, who, name, item, options={}):
        try:
            self.objects[name].put(item, block=options.get('block', True), timeout=self.limit(options))
            self.say(who, 'put', item)
        except Full as error:
            self.say(who, error)

    def do_take(self, who, name, options={}):
        try:
            self.say(who, 'took', self.objects[name].get(block=options.get('block', True), timeout=self.limit(options)))
        except Empty as error:
            self.say(who, error)

    def do_peek(self, who, name, options={}):
        try:
            self.say(who, 'peeked', self.objects[name].peek(block=options.get('block', True), timeout=self.limit(options)))
        except Empty as error:
            self.say(who, error)

    def do_size(self, who, name):
        thing = self.objects[name]
        self.say(who, 'size', thing.qsize(), thing.empty(), thing.full())

    def do_done(self, who, name):
        try:
            self.objects[name].task_done()
            self.say(who, 'done')
        except ValueError:
            self.say(who, 'done too often')

    def do_joinQueue(self, who, name, options={}):
        self.say(who, 'joined', self.objects[name].join(timeout=self.limit(options)))

    # Groups and pools.

    def do_poolSpawn(self, who, pool, name):
        if self.spawned(name, lambda: gevent.Greenlet(self.body, name)):
            self.objects[pool].start(self.greenlets[name])
            self.say(who, 'started', name)

    def do_poolAdd(self, who, pool, name):
        self.objects[pool].add(self.greenlets[name])

    def do_poolDiscard(self, who, pool, name):
        # gevent's pool has a place more for each who is let go without having been a member.
        if name in self.greenlets and self.greenlets[name] in self.objects[pool]:
            self.objects[pool].discard(self.greenlets[name])

    def do_poolState(self, who, pool):
        pool = self.objects[pool]
        self.say(who, 'pool', len(pool), pool.full())

    def do_poolJoin(self, who, pool, options={}):
        try:
            joined = self.objects[pool].join(timeout=self.limit(options), raise_error=options.get('raiseError', False))
            self.say(who, 'pool joined', joined)
        except Boom as error:
            self.say(who, 'pool join threw', error)

    def do_poolKill(self, who, pool, options={}):
        pool = self.objects[pool]
        pool.kill(block=False)
        if options.get('block', True) and any(not member.dead for member in pool):
            pool.kill()
        self.say(who, 'pool killed')

    def do_killone(self, who, pool, name):
        if name in self.greenlets:
            self.objects[pool].killone(self.greenlets[name], block=False)
            self.say(who, 'killed one')

    def do_apply(self, who, pool, name):
        self.says(who, 'applied', lambda: self.objects[pool].apply(self.body, (name,)))

    def do_applyAsync(self, who, pool, name):
        def callback(value):
            # Whether that of a killed one is called depends on whether there was room for it.
            if not isinstance(value, gevent.GreenletExit):
                self.say(who, 'callback', value)

        self.spawned(name, lambda: self.objects[pool].apply_async(self.body, (name,), callback=callback))

    def item(self, ms):
        self.known(gevent.getcurrent())
        gevent.sleep(seconds(abs(ms)))
        self.say('item', ms)
        if ms < 0:
            raise Boom()
        return ms

    def do_map(self, who, pool, items):
        try:
            self.say(who, 'mapped', self.objects[pool].map(self.item, items))
        except Boom as error:
            self.say(who, 'map threw', error)

    def do_imap(self, who, pool, verb, items, options={}):
        pool = self.objects[pool]
        it = {'imap': pool.imap, 'imapUnordered': pool.imap_unordered}[verb](self.item, items, maxsize=options.get('maxsize'))
        while True:
            try:
                self.say(who, verb, next(it))
            except StopIteration:
                break
            except Boom as error:
                self.say(who, verb, error)
            if options.get('pause'):
                gevent.sleep(seconds(options['pause']))
        self.say(who, verb, 'ends')


def main():
    # What a scenario leaves behind would be thrown an exit by the collector, in the middle of another one.
    gc.disable()
    kept = []
    for line in sys.stdin:
        scenario = Scenario(json.loads(line))
        kept.append(scenario)
        print(json.dumps(scenario.run()), flush=True)


gevent.config.loop = VirtualLoop
main()
sys.stdout.flush()
__import__('os')._exit(0)

"""Runs the scenarios of scenarios.json with gevent and prints what happened in each, as JSON.

An operation is a list: its name, then what it works on. Each greenlet is a list of operations; `main` runs in the main
greenlet. Milliseconds everywhere, as in the file.

    run.py scenarios.json [--slower TIMES] [NAME]...
"""

import json
import sys

import gevent
from gevent.event import AsyncResult, Event
from gevent.lock import BoundedSemaphore, Semaphore
from gevent.pool import Group, Pool
from gevent.queue import Empty, Full, JoinableQueue, Queue


class Boom(Exception):
    pass


SLOWER = 1


def seconds(ms):
    return ms * SLOWER / 1000


class Scenario:
    def __init__(self, scenario):
        self.bodies = scenario['greenlets']
        self.objects = {name: self.make(*spec) for name, spec in scenario.get('objects', {}).items()}
        self.greenlets = {}
        self.log = []

    def make(self, kind, size=None):
        return {
            'event': lambda: Event(),
            'result': lambda: AsyncResult(),
            'semaphore': lambda: Semaphore(size),
            'bounded': lambda: BoundedSemaphore(size),
            'queue': lambda: Queue(size),
            'joinable': lambda: JoinableQueue(size),
            'group': lambda: Group(),
            'pool': lambda: Pool(size),
        }[kind]()

    def say(self, who, *words):
        self.log.append(' '.join([who, *map(self.shown, words)]))

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
        hub = gevent.get_hub()
        hub.handle_error = lambda *args: None
        try:
            self.steps('main', self.bodies['main'])
        except BaseException as error:  # noqa: B902 -- a kill as well
            self.say('main', 'ends with', error)
        alive = [g for g in self.greenlets.values() if not g.dead]
        for g in alive:
            g.unlink_all()
        gevent.killall(alive)
        return self.log

    def body(self, name):
        value = self.steps(name, self.bodies[name])
        self.say(name, 'ends')
        return value

    def steps(self, who, steps):
        for step in steps:
            verb, args = step[0], step[1:]
            if verb == 'return':
                return args[0]
            getattr(self, 'do_' + verb)(who, *args)
        return None

    @staticmethod
    def limit(options):
        timeout = options.get('timeout')
        return None if timeout is None else seconds(timeout)

    def new(self, name):
        return gevent.Greenlet(self.body, name)

    # Greenlets.

    def do_log(self, who, text):
        self.say(who, text)

    def do_sleep(self, who, ms):
        gevent.sleep(seconds(ms))

    def do_fail(self, who):
        raise Boom()

    def do_spawn(self, who, *names):
        for name in names:
            self.greenlets[name] = gevent.spawn(self.body, name)

    def do_spawnLater(self, who, ms, name):
        self.greenlets[name] = gevent.spawn_later(seconds(ms), self.body, name)

    def do_join(self, who, name, options={}):
        self.greenlets[name].join(self.limit(options))
        self.say(who, 'joined', name, self.greenlets[name].dead)

    def do_get(self, who, name, options={}):
        try:
            self.say(who, 'got', self.greenlets[name].get(block=options.get('block', True), timeout=self.limit(options)))
        except (Boom, gevent.Timeout) as error:
            self.say(who, 'got', error)

    def do_state(self, who, name):
        g = self.greenlets[name]
        self.say(who, 'sees', name, g.dead, g.ready(), g.successful(), g.value, g.exception)

    def do_kill(self, who, name, options={}):
        error = Boom() if options.get('boom') else gevent.GreenletExit
        self.greenlets[name].kill(error, block=options.get('block', True), timeout=self.limit(options))
        self.say(who, 'killed', name)

    def do_killall(self, who, names, options={}):
        try:
            gevent.killall([self.greenlets[n] for n in names], block=options.get('block', True), timeout=self.limit(options))
            self.say(who, 'killed all')
        except gevent.Timeout:
            self.say(who, 'could not kill all')

    def do_joinall(self, who, names, options={}):
        try:
            done = gevent.joinall(
                [self.greenlets[n] for n in names],
                timeout=self.limit(options),
                count=options.get('count'),
                raise_error=options.get('raiseError', False),
            )
            self.say(who, 'joined', done)
        except Boom as error:
            self.say(who, 'joinall threw', error)

    def do_wait(self, who, names, options={}):
        known = {**self.greenlets, **self.objects}
        ready = gevent.wait([known[n] for n in names], timeout=self.limit(options), count=options.get('count'))
        self.say(who, 'has ready', ready)

    def do_link(self, who, name, kind, label):
        def callback(g):
            self.say(label, 'told of', g.successful())

        g = self.greenlets[name]
        verbs = {'link': g.link, 'linkValue': g.link_value, 'linkException': g.link_exception, 'rawlink': g.rawlink}
        verbs[kind](callback)

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
        try:
            with gevent.Timeout(seconds(ms)) as timeout:
                self.steps(who, body)
            self.say(who, 'in time')
        except gevent.Timeout as error:
            self.say(who, 'its own timeout' if error is timeout else 'another timeout')
            if error is not timeout:
                raise

    # Events and results.

    def do_set(self, who, name, value=None):
        thing = self.objects[name]
        thing.set() if isinstance(thing, Event) else thing.set(value)
        self.say(who, 'set', name)

    def do_setException(self, who, name):
        self.objects[name].set_exception(Boom())
        self.say(who, 'failed', name)

    def do_clear(self, who, name):
        self.objects[name].clear()
        self.say(who, 'cleared', name)

    def do_await(self, who, name, options={}):
        thing = self.objects[name]
        self.say(who, 'waited for', name, thing.wait(timeout=self.limit(options)))

    def do_result(self, who, name, options={}):
        try:
            value = self.objects[name].get(block=options.get('block', True), timeout=self.limit(options))
            self.say(who, 'got', name, value)
        except (Boom, gevent.Timeout) as error:
            self.say(who, 'got', name, error)

    def do_rawlink(self, who, name, label):
        self.objects[name].rawlink(lambda thing: self.say(label, 'told of', thing))

    # Semaphores.

    def do_acquire(self, who, name, options={}):
        taken = self.objects[name].acquire(blocking=options.get('blocking', True), timeout=self.limit(options))
        self.say(who, 'acquired', name, taken)

    def do_release(self, who, name):
        try:
            self.objects[name].release()
            self.say(who, 'released', name, self.objects[name].counter)
        except ValueError:
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
        self.greenlets[name] = self.new(name)
        self.objects[pool].start(self.greenlets[name])
        self.say(who, 'started', name)

    def do_poolAdd(self, who, pool, name):
        self.objects[pool].add(self.greenlets[name])

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
        self.objects[pool].kill(block=options.get('block', True))
        self.say(who, 'pool killed')

    def do_apply(self, who, pool, name):
        self.say(who, 'applied', self.objects[pool].apply(self.body, (name,)))

    def do_applyAsync(self, who, pool, name):
        self.greenlets[name] = self.objects[pool].apply_async(
            self.body, (name,), callback=lambda value: self.say(who, 'callback', value)
        )

    def item(self, ms):
        gevent.sleep(seconds(abs(ms)))
        self.log.append('item %d' % ms)
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
    with open(sys.argv[1], encoding='utf-8') as file:
        scenarios = json.load(file)
    wanted = sys.argv[2:]
    if wanted[:1] == ['--slower']:
        global SLOWER
        SLOWER = int(wanted[1])
        wanted = wanted[2:]
    chosen = {name: scenario for name, scenario in scenarios.items() if not wanted or name in wanted}
    print(json.dumps({name: Scenario(scenario).run() for name, scenario in chosen.items()}))


main()

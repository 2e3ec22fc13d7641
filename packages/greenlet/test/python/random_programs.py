"""Random programs on Python's greenlet, whose logs ours have to match line by line.

    python3 random_programs.py FIRST END             prints the logs of the seeds from FIRST up to END
    python3 random_programs.py FIRST END --digests   prints a digest for each 20 seeds, as python.test.ts has them

Every step of every program is drawn from one stream of random numbers, so that the first difference in behaviour makes
all the rest different as well. One thing is evened out: greenlet starts an unstarted parent without arguments when its
child was ended by a GreenletExit, where ours hands the exit over as any other result.
"""

import hashlib
import sys

from greenlet import GreenletExit, getcurrent, greenlet, settrace

GREENLETS = 5
STEPS = 40


class Planned(Exception):
    """Thrown on purpose."""


def program(seed):
    main = getcurrent()
    state = seed
    step = 0
    made = 0
    names = {main: "main"}
    alive = [None] * GREENLETS
    log = []

    def below(n):
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state >> 8) % n

    def pick():
        at = below(GREENLETS + 1)
        return main if at == GREENLETS or alive[at] is None else alive[at]

    def make(at):
        nonlocal made
        made += 1
        parent = pick()
        empty = below(8) == 0
        g = greenlet(parent=parent) if empty else greenlet(body, parent)
        names[g] = "g%d" % made
        alive[at] = g
        log.append("%s made below %s%s" % (names[g], names[parent], ", empty" if empty else ""))

    def show(value):
        if isinstance(value, GreenletExit):
            return "exit"
        if isinstance(value, tuple):
            return "(%s)" % ",".join(show(one) for one in value)
        return str(value)

    def kind(error):
        if isinstance(error, GreenletExit):
            return "exit"
        if isinstance(error, Planned):
            return "planned %s" % error.args[0]
        if isinstance(error, ValueError):
            return "cyclic"
        text = str(error)
        return "no run" if text == "run" else "main" if "main" in text else "started" if "run" in text else repr(error)

    def act(me):
        nonlocal step
        step += 1
        choice = below(12)
        if choice < 5:
            target = pick()
            values = range(step, step + below(4))
            log.append("%s -> %s" % (names[me], names[target]))
            log.append("%s got %s" % (names[me], show(target.switch(*values))))
        elif choice < 7:
            target = pick()
            error = [None, Planned(step), GreenletExit()][below(3)]
            log.append("%s throws into %s" % (names[me], names[target]))
            log.append("%s got %s" % (names[me], show(target.throw(error) if error else target.throw())))
        elif choice == 7:
            make(below(GREENLETS))
        elif choice == 8:
            child, parent = pick(), pick()
            log.append("%s is to be below %s" % (names[child], names[parent]))
            child.parent = parent
        elif choice == 9:
            g = pick()
            log.append("%s dead %d active %d below %s" % (names[g], g.dead, bool(g), names.get(g.parent, "nobody")))
        elif choice == 10:
            g = pick()
            log.append("%s is given a body" % names[g])
            g.run = body
        elif me is not main:
            if below(2):
                raise Planned(step)
            return True
        return False

    def body(*args):
        me = getcurrent()
        log.append("%s begins with %s" % (names[me], "()" if args and isinstance(args[0], GreenletExit) else show(args)))
        for _ in range(1 + below(8)):
            try:
                if act(me):
                    return "returned at %d" % step
            except BaseException as error:
                log.append("%s caught %s" % (names[me], kind(error)))
                if below(3) == 0:
                    raise
        return "ended at %d" % step

    def tracer(event, args):
        log.append("%s %s -> %s" % (event, names[args[0]], names[args[1]]))

    for at in range(GREENLETS):
        make(at)
    settrace(tracer)
    for _ in range(STEPS):
        try:
            act(main)
        except BaseException as error:
            log.append("main caught %s" % kind(error))
    settrace(None)
    # What is still suspended would be thrown an exit by the collector, in the middle of the next program.
    kept.append(alive)
    kept.append(names)
    return log


kept = []
first, end = int(sys.argv[1]), int(sys.argv[2])
text = ""
for seed in range(first, end):
    text += "".join(line + "\n" for line in ["seed %d" % seed] + program(seed))
    if "--digests" not in sys.argv:
        sys.stdout.write(text)
        text = ""
    elif (seed + 1 - first) % 20 == 0:
        print(hashlib.sha256(text.encode()).hexdigest()[:16])
        text = ""
sys.stdout.flush()
__import__("os")._exit(0)

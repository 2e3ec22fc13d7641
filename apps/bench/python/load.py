"""The load on a server: a program of its own that has connections to it, and sends messages on them when it is told to."""

import json
import os
import subprocess

# Connections that are opened at once: no more than fit into any backlog.
AT_ONCE = 256

ANSWER = b"done\n"


class Load:
    def __init__(self, port, size):
        core = os.environ.get("BENCH_CORE")
        if core is not None:
            os.sched_setaffinity(0, {int(core)})
        command = [*json.loads(os.environ["BENCH_LOAD"]), "127.0.0.1", str(port), str(size)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers = self.process.stdout.fileno()

    def tell(self, command):
        self.process.stdin.write(f"{command}\n".encode())
        self.process.stdin.flush()

    def check(self, answer):
        # It says what is wrong itself, on the standard error that it shares with this process.
        assert answer == ANSWER, f"expected the load to say that it has done as told, got {answer!r}"

    def close(self):
        # It may wait for what a server has to send that serves no more.
        self.process.kill()
        self.process.wait()

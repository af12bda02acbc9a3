"""A zygote: imports the slow modules once, then forks a process for every task.

It knows nothing of jobs. It reads one JSON object a line from stdin and writes one a line to stdout:

    in   {"op": "fork", "child": 1, "warm": true}        start a child; a warm one also brings Spark up
         {"op": "run", "child": 1, "task": {...}}        hand the child its one task
         {"op": "kill", "child": 1, "grace_ms": 300}     end the child's whole process group
    out  {"event": "ready", "import_ms": 950, "watched": {"/path/of/a/preloaded/module.py": mtime_ms}}
         {"event": "forked", "child": 1, "pid": 4711}
         {"event": "warm", "child": 1, "ms": 120}        Spark answers, the child waits for its task
         {"event": "started", "child": 1}                the task's code begins
         {"event": "done", "child": 1, "result": {...} | null, "exit_code": 0, "signal": 0}

End of input means that the owner is gone: every child is killed and the zygote leaves. It stays single-threaded,
because only then is a fork safe after the imports.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field

import zygote_task

WORKER_FOLDER = os.path.dirname(os.path.abspath(__file__))
REQUIRED_MODULES = ["pyspark.sql", "pyspark.sql.connect.session", "pysail.spark"]
USEFUL_MODULES = [
    "pandas",
    "pyarrow",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "numpy",
    "lightgbm",
    "deltalake",
    "pyspark.sql.functions",
    "pyspark.sql.connect.client",
    "pyspark.sql.connect.dataframe",
    "importlib.metadata",
    "tomllib",
]


@dataclass
class Child:
    """One forked process, from the zygote's side."""

    pid: int
    control: socket.socket
    buffered: bytes = b""
    result: dict[str, object] | None = None
    kill_at: float | None = None


@dataclass
class Zygote:
    """The loop around the children. `out` is the file descriptor that the owner reads."""

    out: int
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    children: dict[int, Child] = field(default_factory=dict)
    buffered: bytes = b""

    def emit(self, event: str, **fields: object) -> None:
        """Write one event line; a reader that is gone ends the zygote."""
        line = json.dumps({"event": event, **fields}).encode() + b"\n"
        try:
            while line:
                line = line[os.write(self.out, line) :]
        except OSError:
            self.leave()

    def serve(self) -> None:
        """Serve requests until the owner closes stdin."""
        wake_reader, wake_writer = socket.socketpair()
        wake_reader.setblocking(False)
        wake_writer.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_writer.fileno())
        self.selector.register(0, selectors.EVENT_READ, "stdin")
        self.selector.register(wake_reader, selectors.EVENT_READ, "wake")
        while True:
            for key, _ in self.selector.select(self.seconds_to_next_kill()):
                if key.data == "stdin":
                    self.read_requests()
                elif key.data == "wake":
                    wake_reader.recv(4096)
                elif key.data in self.children:
                    self.read_child(key.data)
            self.kill_overdue()
            self.reap()

    def read_requests(self) -> None:
        """Read what stdin has and act on each whole line."""
        received = os.read(0, 1 << 16)
        if not received:
            self.leave()
        *lines, self.buffered = (self.buffered + received).split(b"\n")
        for line in lines:
            request = json.loads(line)
            number = request["child"]
            if request["op"] == "fork":
                self.fork(number, warm=bool(request.get("warm")))
            elif number not in self.children:
                continue  # It has ended meanwhile; its "done" is on the way to the owner.
            elif request["op"] == "run":
                self.hand_over(number, request["task"])
            elif request["op"] == "kill":
                self.kill(number, float(request.get("grace_ms", 0)) / 1000)

    def fork(self, number: int, warm: bool) -> None:
        """Fork one child, which waits for its task on a socket of its own."""
        ours, theirs = socket.socketpair()
        zygote_pid = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.forget_everything()
            zygote_task.serve_one_task(theirs, zygote_pid, warm)  # Never returns.
        theirs.close()
        self.children[number] = Child(pid, ours)
        self.selector.register(ours, selectors.EVENT_READ, number)
        self.emit("forked", child=number, pid=pid)

    def forget_everything(self) -> None:
        """In the child: let go of what belongs to the zygote, so that only the zygote holds its siblings' sockets."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.selector.close()
        for sibling in self.children.values():
            sibling.control.close()
        os.close(self.out)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)

    def hand_over(self, number: int, task: dict[str, object]) -> None:
        """Give the child its task."""
        child = self.children[number]
        try:
            child.control.sendall(json.dumps(task).encode() + b"\n")
        except OSError:
            return  # It is dead: reap() will say so.

    def read_child(self, number: int) -> None:
        """Pass a child's reports on; its result is kept until it has ended."""
        child = self.children[number]
        try:
            received = child.control.recv(1 << 16)
        except OSError:
            received = b""
        if not received:
            self.selector.unregister(child.control)
            return
        *lines, child.buffered = (child.buffered + received).split(b"\n")
        for line in lines:
            report = json.loads(line)
            if report["event"] == "result":
                child.result = report["result"]
            else:
                self.emit(report.pop("event"), child=number, **report)

    def kill(self, number: int, grace_seconds: float) -> None:
        """End a child's process group: politely first if there is grace, for good after it."""
        child = self.children[number]
        if grace_seconds > 0:
            signal_group(child.pid, signal.SIGTERM)
        child.kill_at = time.monotonic() + grace_seconds

    def kill_overdue(self) -> None:
        """Kill for good every child whose grace is over."""
        now = time.monotonic()
        for child in self.children.values():
            if child.kill_at is not None and child.kill_at <= now:
                signal_group(child.pid, signal.SIGKILL)
                child.kill_at = None

    def seconds_to_next_kill(self) -> float | None:
        """How long the loop may sleep."""
        due = [child.kill_at for child in self.children.values() if child.kill_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def reap(self) -> None:
        """Report the children that have ended, after killing what they left running in their group."""
        for number, child in list(self.children.items()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            signal_group(child.pid, signal.SIGKILL)  # Before the pid is freed, so that it cannot be another's.
            _, status = os.waitpid(child.pid, 0)
            self.drain(number)
            del self.children[number]
            child.control.close()
            ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            self.emit("done", child=number, result=child.result, exit_code=code, signal=ended_by)

    def drain(self, number: int) -> None:
        """Read what a dead child had still sent."""
        control = self.children[number].control
        control.setblocking(False)
        while control in self.selector.get_map():
            self.read_child(number)

    def leave(self) -> None:
        """Kill every child and exit."""
        for child in self.children.values():
            signal_group(child.pid, signal.SIGKILL)
        os._exit(0)


def signal_group(pid: int, number: int) -> None:
    """Signal a child and all that it has started; a child that has not yet become a leader is signalled alone."""
    for target in (lambda: os.killpg(pid, number), lambda: os.kill(pid, number)):
        try:
            target()
        except (ProcessLookupError, PermissionError):
            continue


def preload(names: list[str]) -> None:
    """Import the modules that tasks want. Spark's and the named ones must be there, the useful ones may."""
    for name in USEFUL_MODULES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(f"databricks emulator: {name} is not installed, tasks run without it ({error})", file=sys.stderr)
    for name in [*REQUIRED_MODULES, *names]:
        importlib.import_module(name)


def watched_files(folders: list[str]) -> dict[str, int]:
    """The preloaded files that a developer edits, with their times: those under the job code's folders."""
    roots = tuple(os.path.realpath(folder) + os.sep for folder in folders)
    files = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and os.path.realpath(path).startswith(roots):
            files[path] = os.stat(path).st_mtime_ns // 1_000_000
    return files


def main() -> None:
    """Preload, say so, serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pythonpath", default="", help="folders of job code, separated as in PYTHONPATH")
    parser.add_argument("--preload", default="", help="modules to import once, separated by commas")
    options = parser.parse_args()
    began = time.monotonic()
    out = os.dup(1)
    os.dup2(2, 1)  # What an import prints must not end up among the events.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then closes stdin.
    folders = [folder for folder in options.pythonpath.split(os.pathsep) if folder]
    sys.path[:] = folders + [entry for entry in sys.path if os.path.abspath(entry) != WORKER_FOLDER]
    preload([name for name in options.preload.split(",") if name])
    gc.collect()
    gc.freeze()  # Keeps the collector from touching, and so copying, the pages shared with the children.
    zygote = Zygote(out)
    zygote.emit("ready", import_ms=round((time.monotonic() - began) * 1000), watched=watched_files(folders))
    zygote.serve()


if __name__ == "__main__":
    main()

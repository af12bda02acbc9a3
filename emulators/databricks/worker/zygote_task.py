"""What a forked child does: bring Spark up, wait for one task, run it, report, end."""

from __future__ import annotations

import ctypes
import importlib
import json
import logging
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import zygote_entry

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import SparkSession

PR_SET_PDEATHSIG = 1
MAX_ERROR_CHARACTERS = 10_000
OWN_FILES = {os.path.abspath(__file__), os.path.abspath(zygote_entry.__file__)}


def serve_one_task(control: socket.socket, zygote_pid: int, warm: bool) -> NoReturn:
    """Live as a child of the zygote: at most one task, then the process ends."""
    code = 1
    try:
        os.setsid()
        die_with(zygote_pid)
        reseed()
        began = time.monotonic()
        spark = start_spark()
        if warm:
            warm_up(spark, control)
            report(control, "warm", ms=round((time.monotonic() - began) * 1000))
        task = receive(control)
        if task is None:
            os._exit(0)
        watch_for_orphanhood(control)
        code = run(task, spark, control)
    except BaseException:
        traceback.print_exc()
    finally:
        flush()
        os._exit(code)  # Threads of Sail and grpc are still there: no orderly shutdown, the process is the unit.


def die_with(parent_pid: int) -> None:
    """On Linux: have the kernel kill this process when the zygote dies, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:
            os._exit(0)


def watch_for_orphanhood(control: socket.socket) -> None:
    """End the whole process group when the zygote's side of the socket closes (also where there is no prctl)."""

    def wait() -> None:
        while control.recv(4096):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, name="orphan-watch", daemon=True).start()


def reseed() -> None:
    """Give this child random numbers of its own: a fork repeats its parent's."""
    tempfile.tempdir = None
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def start_spark() -> SparkSession:
    """Start a Spark Connect server inside this process and make its session the ambient one."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(port=0)
    server.start(background=True)
    _, port = server.listening_address
    start_spark.server = server  # type: ignore[attr-defined]  # Must outlive this call.
    remote = f"sc://127.0.0.1:{port}"
    spark = SparkSession.builder.remote(remote).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    os.environ["SPARK_REMOTE"] = remote
    return spark


def warm_up(spark: SparkSession, control: socket.socket) -> None:
    """Do once what is slow the first time; a task that is already waiting cuts it short."""

    def same(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        yield from batches

    steps = (
        lambda: spark.range(10).count(),
        lambda: spark.range(10).mapInArrow(same, "id long").count(),
    )
    for step in steps:
        if select.select([control], [], [], 0)[0]:
            return
        step()


def receive(control: socket.socket) -> dict[str, object] | None:
    """Wait for the task; nothing when the zygote has gone."""
    received = b""
    while not received.endswith(b"\n"):
        part = control.recv(1 << 16)
        if not part:
            return None
        received += part
    return json.loads(received)


def report(control: socket.socket, event: str, **fields: object) -> None:
    """Send one line to the zygote."""
    control.sendall(json.dumps({"event": event, **fields}).encode() + b"\n")


def run(task: dict[str, object], spark: SparkSession, control: socket.socket) -> int:
    """Run the task with its own arguments, environment, folder and log; gives the exit code."""
    log = os.open(str(task["log_file"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    os.environ.update({str(name): str(value) for name, value in dict(task["env"]).items()})
    os.chdir(str(task["cwd"]))
    importlib.invalidate_caches()
    report(control, "started")
    try:
        zygote_entry.call(task, spark)
        result: dict[str, object] = {"ok": True}
    except SystemExit as leaving:
        ok = leaving.code in (None, 0)
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
        result = {"ok": ok} if ok else failure(leaving)
    except BaseException as error:
        result = failure(error)
        print(result["error_trace"], file=sys.stderr)
    flush()
    report(control, "result", result=result)
    return 0 if result["ok"] else 1


def failure(error: BaseException) -> dict[str, object]:
    """Describe an error as get-output shows it, without the emulator's own frames."""
    frames = traceback.TracebackException.from_exception(error)
    frames.stack = traceback.StackSummary.from_list(
        [
            frame
            for frame in frames.stack
            if os.path.abspath(frame.filename) not in OWN_FILES and frame.filename != "<frozen runpy>"
        ]
    )
    if isinstance(error, zygote_entry.EntryPointNotFoundError):
        return {"ok": False, "missing": True, "error": str(error), "error_trace": str(error)}
    text = "".join(traceback.format_exception_only(error)).strip()
    return {"ok": False, "error": text[:MAX_ERROR_CHARACTERS], "error_trace": "".join(frames.format())}


def flush() -> None:
    """Write out what is still buffered."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    logging.shutdown()

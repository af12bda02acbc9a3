"""The command line: serve pools and databases, or check T-SQL files."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Parse options and run; 0 when all went well, 1 with one clear line otherwise."""
    parser = argparse.ArgumentParser(prog="synapse_emulator", description=__doc__)
    parser.add_argument(
        "--check", nargs="+", metavar="FILE.sql", help="parse T-SQL files as the dedicated pool would, and exit"
    )
    parser.add_argument("--port", type=int, default=1433, help="0 picks a free one")
    parser.add_argument("--data", type=Path, help="directory of the DuckDB files")
    parser.add_argument("--database", action="append", metavar="NAME", help="a dedicated pool; repeatable")
    parser.add_argument(
        "--sql-database", action="append", default=[], metavar="NAME", help="an Azure SQL database; repeatable"
    )
    parser.add_argument("--user", default="landfall")
    parser.add_argument(
        "--password-env",
        default="SYNAPSE_PASSWORD",
        metavar="NAME",
        help="environment variable that holds the password",
    )
    parser.add_argument(
        "--storage",
        action="append",
        default=[],
        metavar="ACCOUNT=HTTP_BASE",
        help="where https://ACCOUNT.blob|dfs.core.windows.net/ really is; ACCOUNT * is any",
    )
    options = parser.parse_args(arguments)
    if options.check:
        from synapse_emulator.check import check_files

        return check_files([Path(name) for name in options.check])
    if options.data is None:
        parser.error("--data DIR is needed")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    import duckdb

    from synapse_emulator.engine.database import Database
    from synapse_emulator.engine.storage import Lake
    from synapse_emulator.server import Server

    password = os.environ.get(options.password_env)
    if not password:
        return _fail(f"set {options.password_env} to the password of user '{options.user}'")
    endpoints = {}
    for entry in options.storage:
        account, separator, base = entry.partition("=")
        if not separator or not base.startswith(("http://", "https://")):
            return _fail(f"--storage {entry}: expected ACCOUNT=http://host:port/path")
        endpoints[account.lower()] = base
    lake = Lake(
        endpoints, os.environ.get("AZURE_STORAGE_ACCOUNT_NAME", ""), os.environ.get("AZURE_STORAGE_ACCOUNT_KEY", "")
    )
    try:
        pools = options.database or ([] if options.sql_database else ["landfall"])
        databases = [Database(options.data, name) for name in pools]
        databases += [Database(options.data, name, azure_sql=True) for name in options.sql_database]
    except (OSError, duckdb.Error) as failure:
        return _fail(f"a database in {options.data} cannot be opened: {failure}")
    return asyncio.run(_run(Server(databases, lake, options.user, password), options.port))


async def _run(server: object, port: int) -> int:
    from synapse_emulator.server import Server

    assert isinstance(server, Server)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        bound = await server.listen(port)
    except OSError as failure:
        await server.close()
        return _fail(f"port {port} cannot be used: {failure.strerror or failure}")
    sys.stdout.write(f"listening on 127.0.0.1:{bound}\n")  # one write: a reader may leave after the first piece
    sys.stdout.flush()
    await stopped.wait()
    await server.close()
    return 0


def _fail(text: str) -> int:
    print(f"synapse_emulator: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""The TDS server: connections, login, and one worker thread for each running request."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
import struct
from concurrent.futures import ThreadPoolExecutor

from synapse_emulator.engine.database import Database
from synapse_emulator.engine.failures import Cancelled
from synapse_emulator.engine.storage import Lake
from synapse_emulator.errors import SqlError
from synapse_emulator.run.interpreter import Interpreter
from synapse_emulator.run.session import Session
from synapse_emulator.tds import login, packets, tokens
from synapse_emulator.tds.bulk import parse_rows
from synapse_emulator.tds.packets import Message, Packetizer, read_message
from synapse_emulator.tds.reader import Reader
from synapse_emulator.tds.response import Response
from synapse_emulator.tds.rpc import parse_rpc

_LOG = logging.getLogger("synapse")
_FLUSH = 128 * 1024
_WORKERS = 64


class Server:
    """Listens on 127.0.0.1."""

    def __init__(self, databases: list[Database], lake: Lake, user: str, password: str) -> None:
        self.databases = {database.name.lower(): database for database in databases}
        self.default = databases[0]
        self.lake = lake
        self.user = user
        self.password = password
        self.workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="request")
        self._spids = itertools.count(51)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, port: int) -> int:
        """Start; gives the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=1 << 20)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Close the port, end the connections, then the database."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self.workers.shutdown(wait=True, cancel_futures=True)
        for database in self.databases.values():
            database.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        connection = Connection(self, reader, writer, next(self._spids) % 32768)
        try:
            await connection.serve()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        except Exception:
            _LOG.exception("connection ended by an error")
        finally:
            self._open.discard(task)
            await connection.end()
            writer.close()


class Connection:
    """One client: reads messages while a worker runs the current one, so that an attention is seen at once."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, spid: int) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.spid = spid
        self.packets = Packetizer(4096, spid)
        self.loop = asyncio.get_running_loop()
        self.session: Session | None = None
        self.interpreter: Interpreter | None = None
        self.running: asyncio.Task[None] | None = None
        self.pending = bytearray()

    async def serve(self) -> None:
        """Login, then requests until the client goes."""
        if not await self._login():
            return
        while True:
            message = await read_message(self.reader)
            if message.kind == packets.ATTENTION:
                await self._attention()
                continue
            if self.running is not None:
                await self.running
            self.running = asyncio.create_task(self._request(message))

    async def end(self) -> None:
        """Stop what runs and give the session up."""
        if self.session is None:
            return
        if self.running is not None and not self.running.done():
            self.session.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
        self.session.close()

    async def _attention(self) -> None:
        assert self.session is not None
        if self.running is not None and not self.running.done():
            self.session.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
        self.session.cancelled = False
        self.packets.add(tokens.done(tokens.DONE, tokens.ATTENTION))
        self.writer.write(self.packets.finish())
        await self.writer.drain()

    # Login

    async def _login(self) -> bool:
        message = await read_message(self.reader)
        if message.kind == packets.PRELOGIN:
            self.packets.add(login.prelogin_reply(login.parse_prelogin(message.data)))
            self.writer.write(self.packets.finish())
            message = await read_message(self.reader)
        if message.kind != packets.LOGIN7:
            _LOG.warning("a client sent packet type %d instead of a login; encryption is not supported", message.kind)
            return False
        asked = login.parse_login(message.data)
        server = self.server
        good = (
            hmac.compare_digest(asked.password.encode(), server.password.encode())
            and asked.user.lower() == server.user.lower()
        )
        if not good:
            return await self._refuse(SqlError(18456, f"Login failed for user '{asked.user}'.", severity=14))
        wanted = asked.database.lower()
        database = server.default if wanted in ("", "master") else server.databases.get(wanted)
        if database is None:
            await self._refuse_database(asked)
            return False
        size = min(max(asked.packet_size or 4096, 512), 32767)
        self.packets.add(login.login_reply(asked, database.name, size) + tokens.done(tokens.DONE, 0))
        self.writer.write(self.packets.finish())
        await self.writer.drain()
        self.packets.size = size
        self.session = Session(database, server.lake, asked.user, self.spid)
        self.session.state.host, self.session.state.application = asked.host, asked.application
        self.interpreter = Interpreter(self.session)
        return True

    async def _refuse_database(self, asked: login.Login) -> None:
        text = f'Cannot open database "{asked.database}" requested by the login. The login failed.'
        await self._refuse(SqlError(4060, text, severity=11))

    async def _refuse(self, error: SqlError) -> bool:
        self.packets.add(tokens.error(error) + tokens.done(tokens.DONE, tokens.ERROR))
        self.writer.write(self.packets.finish())
        await self.writer.drain()
        return False

    # Requests

    async def _request(self, message: Message) -> None:
        try:
            await self.loop.run_in_executor(self.server.workers, self._work, message)
            self.writer.write(bytes(self.pending) + self.packets.finish())
            self.pending.clear()
            await self.writer.drain()
        except (ConnectionError, RuntimeError):
            self.writer.close()
        except Exception:
            _LOG.exception("a request failed")
            self.writer.close()

    def _write(self, data: bytes) -> None:
        """From the worker: packetise, and hand on in large pieces, waiting when the client is slow."""
        self.pending += self.packets.add(data)
        if len(self.pending) >= _FLUSH:
            chunk = bytes(self.pending)
            self.pending.clear()
            asyncio.run_coroutine_threadsafe(self._flush(chunk), self.loop).result()

    async def _flush(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def _work(self, message: Message) -> None:
        session, interpreter = self.session, self.interpreter
        assert session is not None
        assert interpreter is not None
        response = Response(self._write, rpc=message.kind == packets.RPC)
        session.output = response
        try:
            if message.reset:
                response.raw(tokens.envchange(18, b"\0", b"\0"))
                session.reset()
            if message.ignored:
                response.cancelled()
            elif message.kind == packets.SQL_BATCH:
                self._batch(interpreter, response, message.data)
            elif message.kind == packets.RPC:
                self._calls(interpreter, response, message.data)
            elif message.kind == packets.BULK:
                self._bulk(interpreter, response, message.data)
            elif message.kind == packets.TRANSACTION:
                self._transaction(session, response, message.data)
            else:
                response.failed(SqlError(8009, f"Packets of type {message.kind} are not supported by this emulator."))
                response.finish_batch()
        except Cancelled:
            if session.state.in_transaction:
                session.state.aborted = True
            response.cancelled()

    def _batch(self, interpreter: Interpreter, response: Response, data: bytes) -> None:
        reader = Reader(data)
        reader.skip_all_headers()
        text = reader.take(reader.left).decode("utf-16-le")
        try:
            interpreter.run_text(text)
        except SqlError as error:
            response.failed(error)
        except RecursionError:
            response.failed(SqlError(191, "Some part of your SQL statement is nested too deeply.", severity=15))
        response.finish_batch()

    def _bulk(self, interpreter: Interpreter, response: Response, data: bytes) -> None:
        from synapse_emulator.run.bulk import insert

        try:
            interpreter.finish("INSERT", insert(interpreter.session, parse_rows(data)))
        except SqlError as error:
            response.failed(error)
        response.finish_batch()

    def _calls(self, interpreter: Interpreter, response: Response, data: bytes) -> None:
        from synapse_emulator.run.procedures import run_call

        calls = parse_rpc(data)
        for i, call in enumerate(calls):
            try:
                run_call(interpreter, call)
            except SqlError as error:
                response.failed(error)
            response.finish_call([p for p in call.parameters if p.output], more=i + 1 < len(calls))

    def _transaction(self, session: Session, response: Response, data: bytes) -> None:
        reader = Reader(data)
        reader.skip_all_headers()
        operation = struct.unpack("<H", reader.take(2))[0]
        try:
            if operation == 5:
                session.begin()
            elif operation == 7:
                session.commit()
            elif operation == 8:
                session.rollback()
            else:
                raise SqlError(
                    104467, "Savepoints and distributed transactions are not supported in a dedicated SQL pool."
                )
        except SqlError as error:
            response.failed(error)
        response.finish_batch()

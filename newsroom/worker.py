"""The worker that gunicorn runs Newsroom with: slow clients cost it memory, never a thread.

Gunicorn's own threaded worker gives a thread to a client as soon as its first byte is there, and keeps it until the
last byte of the answer is taken. As many slow clients as there are threads stop such a server. This one reads a whole
request before a thread sees it, and sends what a client has not taken yet after the thread is free again. Both happen
in the one loop that gunicorn's worker has for idle connections.

TLS is a proxy's task.
"""

import contextlib
import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE = 15  # seconds that a request may take to arrive, or an answer to be taken,
SLOWEST = 16_384  # and a second more for each so many bytes
LINGER = 2  # seconds until a client that was answered has to close its side
PIECE = 65_536  # bytes read or sent at once
LONGEST_HEAD = 65_536  # bytes of a request's line and headers; gunicorn refuses less than this by itself
LONGEST_BODY = 12 * 2**20  # bytes; Newsroom refuses less than this by itself
HELD = 64 * 2**20  # bytes of requests and answers that wait for clients, in a worker
LAST_CHUNK = b"\r\n0\r\n\r\n"
CHUNKED = re.compile(rb"(?im)^transfer-encoding:.*chunked")
LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,15})[ \t]*\r?$")


class BufferedSocket:
    """A client's socket that nobody waits for: what it reads has arrived, what it cannot send is kept."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.received = bytearray()
        self.unsent = bytearray()
        self.asked_for_more = False  # than had arrived

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def setblocking(self, flag: bool) -> None:
        """Stay as it is."""

    def settimeout(self, seconds: float | None) -> None:
        """Stay as it is."""

    def recv(self, size: int) -> bytes:
        data = bytes(self.received[:size])
        self.asked_for_more |= not data
        del self.received[:size]
        return data

    def sendall(self, data: bytes) -> None:
        if not self.unsent:
            with contextlib.suppress(BlockingIOError):
                data = data[self.sock.send(data) :]
        self.unsent += data

    def holds(self) -> int:
        return len(self.received) + len(self.unsent)


class Connection(TConn):
    """A connection, and since when its client is waited for."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, BufferedSocket(sock), client, server)
        self.data_ready = True  # when a thread gets it
        self.length = 0  # bytes of the request, once its headers have arrived
        self.is_chunked = False  # so that its length is not known
        self.stays = False  # open for the next request
        self.since = 0.0
        self.patience = 0
        self.moved = 0  # bytes since then

    def is_late(self, now: float) -> bool:
        return now > self.since + self.patience + self.moved / SLOWEST

    def has_request(self) -> bool:
        """Whether the whole request has arrived, or so much that its refusal is certain."""
        data = self.sock.received
        if not self.length and not self.is_chunked:
            end = data.find(b"\r\n\r\n", max(0, len(data) - PIECE - 3))
            if end < 0 and len(data) > LONGEST_HEAD:
                data += b"\r\n\r\n"  # so that it can be read, and refused
                return True
            if end < 0:
                return False
            self.is_chunked = CHUNKED.search(data, 0, end + 2) is not None
            said = LENGTH.search(data, 0, end + 2)
            body = int(said[1]) if said else 0
            self.length = end + 4 + (body if body <= LONGEST_BODY else 0)
        if self.is_chunked:
            return data.endswith(LAST_CHUNK) or len(data) > LONGEST_BODY
        return len(data) >= self.length


class BufferingWorker(ThreadWorker):
    """Gunicorn's threaded worker with requests and answers buffered."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cfg.set("sendfile", False)  # it would wait for the client
        self.waiting: set[Connection] = set()
        self.looked_at = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ValueError("keyfile, certfile: expected TLS to end at a proxy, found a certificate for gunicorn")

    def accept(self, listener: socket.socket) -> None:
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another worker was faster, or the client left
            return
        except OSError:  # no file is left to open
            self.close_the_one_that_holds_most()
            return
        self.nr_conns += 1
        self.wait(Connection(self.cfg, sock, client, listener.getsockname()), EVENT_READ, self.receive)

    def on_client_socket_readable(self, conn: Connection, client: BufferedSocket) -> None:
        """Wait for the next request of a connection that was kept open."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.wait(conn, EVENT_READ, self.receive)

    def wait(
        self, conn: Connection, event: int, ready: Callable[[Connection, Any], None], seconds: int = PATIENCE
    ) -> None:
        conn.since, conn.patience, conn.moved = time.monotonic(), seconds, 0
        self.waiting.add(conn)
        self.poller.register(conn.sock, event, partial(ready, conn))

    def stop_waiting(self, conn: Connection) -> None:
        self.waiting.discard(conn)
        self.poller.unregister(conn.sock)

    def drop(self, conn: Connection) -> None:
        self.stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

    def receive(self, conn: Connection, _: Any) -> None:
        """Read what has arrived, and give a request that is whole to a thread."""
        data = read(conn)
        if data is None:
            return
        conn.sock.received += data
        if not data:
            self.drop(conn)
        elif conn.has_request():
            conn.length, conn.is_chunked = 0, False
            self.stop_waiting(conn)
            self.enqueue_req(conn)

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """Send the rest of an answer, then keep the connection or close it."""
        if conn.sock.fileno() < 0:  # an error closed it in the midst of the answer
            self.nr_conns -= 1
            return
        whole = fs.exception() is None and fs.result() is True
        # A client that sends its next request before it has its answer has to send it again. Nor can the next one be
        # told from the rest of a body that was not waited for.
        early = conn.sock.received or conn.parser.unreader.buf.getvalue()
        conn.stays = whole and not early and not conn.sock.asked_for_more
        self.wait(conn, EVENT_WRITE, self.send)
        self.send(conn, None)

    def send(self, conn: Connection, _: Any) -> None:
        unsent = conn.sock.unsent
        try:
            sent = conn.sock.send(unsent[:PIECE]) if unsent else 0
        except BlockingIOError:
            return
        except OSError:
            self.drop(conn)
            return
        conn.moved += sent
        del unsent[:sent]
        if not unsent:
            self.stop_waiting(conn)
            self.keep_or_close(conn)

    def keep_or_close(self, conn: Connection) -> None:
        if conn.stays and self.alive:
            conn.set_timeout()
            self.keepalived_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))
            return
        # Closed at once, a client that is still sending might lose the answer (RFC 9112, section 9.6).
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        self.wait(conn, EVENT_READ, self.linger, LINGER)

    def linger(self, conn: Connection, _: Any) -> None:
        if read(conn) == b"" or conn.moved > PIECE:
            self.drop(conn)

    def murder_pending(self) -> None:
        """Once a second, close the connections whose clients are too slow, or hold too much."""
        now = time.monotonic()
        if now < self.looked_at + 1:
            return
        self.looked_at = now
        for conn in [conn for conn in self.waiting if conn.is_late(now)]:
            self.drop(conn)
        while sum(conn.sock.holds() for conn in self.waiting) > HELD:
            self.close_the_one_that_holds_most()

    def close_the_one_that_holds_most(self) -> None:
        if self.waiting:
            self.drop(max(self.waiting, key=lambda conn: (conn.sock.holds(), -conn.since)))


def read(conn: Connection) -> bytes | None:
    """Return what has arrived: no bytes at the end or after an error, None while there is nothing."""
    try:
        data: bytes = conn.sock.sock.recv(PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    conn.moved += len(data)
    return data

"""A real mail server on this computer, which keeps what it takes and can be told to misbehave."""

import asyncio
import contextlib
import socket
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from django.test import override_settings

from newsroom.environment import mail_settings

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class PostOffice:
    def __init__(self):
        self.taken = []  # receiver and message of each mail
        self.refuses = set()  # receivers
        self.refusal = "550 5.1.1 <{}> No such mailbox"
        self.room = None  # for so many mails, after which it does what it `does`
        self.does = "421 4.3.2 Going down"  # "" hangs up
        self.delay = 0  # seconds for each mail
        self.arrived = threading.Semaphore(0)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuses:
            return self.refusal.format(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.room is not None and len(self.taken) >= self.room:
            if not self.does:
                server.transport.abort()
            return self.does or "421 Gone"
        await asyncio.sleep(self.delay)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append((envelope.rcpt_tos[0], message))
        self.arrived.release()
        return "250 Taken"

    @property
    def receivers(self):
        return [receiver for receiver, _ in self.taken]


@contextlib.contextmanager
def opened():
    """The post office, and the port it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        office.port = port
        yield office
    finally:
        controller.stop()


def mailer(backend=SMTP, **options):
    """Settings under which mail goes through a backend: a context manager and a decorator."""
    return override_settings(**mail_settings({"BACKEND": backend, "OPTIONS": options}))

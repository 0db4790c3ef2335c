"""Addresses that fail in each way there is, and what is logged meanwhile."""

import io
import logging
from contextlib import contextmanager

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import include, path

from newsroom import logs
from newsroom.urls import handler500  # noqa: F401 (Django reads it here)

PERSON = "reader@example.org"


def fail(request, token=""):
    raise ValueError(f"No such {request.method} {PERSON} {request.path} \x1b[31m\nforged line\r\n{token}")


def fail_in_the_database(request):
    raise RuntimeError("postgres://news:hunter2hunter2@db.example/news does not answer")


def fail_while_sending(request):
    def parts():
        yield b"one"
        raise ValueError("half-way")

    return StreamingHttpResponse(parts())


def stream(request):
    return StreamingHttpResponse(iter([b"one", b"two"]))


def refuse(request):
    raise SuspiciousOperation(f"{PERSON} is not allowed\x1b[2J")


def answer(request, token=""):
    return HttpResponse("four")


def fail_in_middleware(get_response):
    def middleware(request):
        raise ValueError("in middleware")

    return middleware


urlpatterns = [
    path("fail/", fail),
    path("api/fail/", fail),
    path("database/", fail_in_the_database),
    path("half/", fail_while_sending),
    path("stream/", stream),
    path("refuse/", refuse),
    path("answer/<path:token>", answer),
    path("reset/<uidb64>/<token>/", fail),
    path("", include("articles.urls")),
]


@contextmanager
def logged(form="text"):
    """Collect what is logged meanwhile, as lines."""
    formatter = {"text": logs.Text, "json": logs.Json}[form]()
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter)
    loggers = [logging.getLogger(), logging.getLogger("newsroom.access")]
    lines = []
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield lines
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        lines += handler.stream.getvalue().split("\n")[:-1]

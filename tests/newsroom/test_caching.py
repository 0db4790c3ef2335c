"""Redis that is killed, frozen, full, locked or not there: this process's memory takes its place, without an error."""

import logging
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from django.core.cache import CacheHandler

from tests.browser.server import free_port

redis = pytest.importorskip("redis")
from newsroom import caching  # noqa: E402 (it needs the package)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="It needs redis-server."),
]


@contextmanager
def server(port, *options):
    command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


@pytest.fixture
def cache(monkeypatch):
    """A cache in Redis on a free port, tried again half a second after an outage began."""
    monkeypatch.setattr(caching, "PAUSE", 0.2)
    monkeypatch.setattr(caching.Outage, "until", 0.0)
    monkeypatch.setattr(caching.Outage, "told_until", 0.0)
    port = free_port()
    entry = {"BACKEND": "newsroom.caching.RedisCache", "LOCATION": f"redis://127.0.0.1:{port}/0"}
    cache = CacheHandler({"default": entry})["default"]
    cache.port = port
    yield cache
    cache.memory.clear()


def use(cache):
    """Do everything that a cache does. Return the seconds that the slowest call took."""
    cache.set("a", [1])
    calls = {
        "set": lambda: cache.set("a", [1]) is None,
        "get": lambda: cache.get("a") == [1],
        "add": lambda: cache.add("counter", 0, 60) in (True, False),
        "incr": lambda: cache.incr("counter") > 0,
        "touch": lambda: cache.touch("a", 60),
        "in": lambda: "a" in cache,
        "set_many": lambda: cache.set_many({"b": 2}) == [],
        "get_many": lambda: cache.get_many(["a", "b"]) == {"a": [1], "b": 2},
        "get_or_set": lambda: cache.get_or_set("c", 3) == 3,
        "delete": lambda: cache.delete("c"),
        "delete_many": lambda: cache.delete_many(["b"]) is None,
        "missing": lambda: cache.get("missing", "default") == "default",
    }
    longest = 0.0
    for name, call in calls.items():
        started = time.monotonic()
        assert call(), name
        longest = max(longest, time.monotonic() - started)
    return longest


def back(cache):
    """Wait until Redis is tried again, and return whether it is Redis that answers."""
    time.sleep(0.6)
    cache.set("who", "redis")
    return redis.Redis(port=cache.port).get(cache.make_key("who")) is not None


def test_a_cache_is_redis_while_that_answers(cache):
    with server(cache.port):
        use(cache)

        assert back(cache)


def test_a_cache_does_without_a_redis_that_is_killed_and_takes_it_up_again(cache, caplog):
    with server(cache.port), caplog.at_level(logging.WARNING, "newsroom.cache"):
        use(cache)
    with server(cache.port) as process:
        assert back(cache)
        answers = []
        load = threading.Thread(target=lambda: answers.extend(cache.get_or_set(f"k{n}", n) for n in range(3000)))
        load.start()
        process.kill()
        load.join()

        assert answers == list(range(3000))
        assert use(cache) < 0.5
    with server(cache.port):
        assert back(cache)
    assert len([record for record in caplog.records if "cannot be used" in record.message]) == 1


def test_a_cache_waits_once_for_a_redis_that_is_frozen(cache, monkeypatch):
    monkeypatch.setattr(caching, "PAUSE", 60)
    with server(cache.port) as process:
        use(cache)
        process.send_signal(signal.SIGSTOP)
        started = time.monotonic()

        use(cache)

        assert time.monotonic() - started < 1


@pytest.mark.parametrize("options", [("--maxmemory", "1"), ("--requirepass", "secret")])
def test_a_cache_does_without_a_redis_that_refuses(cache, options):
    with server(cache.port, *options):
        use(cache)


def test_a_cache_does_without_a_redis_that_was_never_there(cache):
    assert use(cache) < 1

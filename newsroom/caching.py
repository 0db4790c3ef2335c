"""A cache in Redis that the site can do without."""

import logging
from time import monotonic
from typing import Any

from django.core.cache.backends import redis as django_redis
from django.core.cache.backends.locmem import LocMemCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger("newsroom.cache")
PATIENCE = 0.3  # seconds to wait for an answer
PAUSE = 10  # seconds until Redis is tried again once it failed
SILENCE = 60  # seconds between two lines in the log
METHODS = ("add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear")


class Outage:
    """When Redis is tried again, and when it is told that it failed: shared by all threads of this process."""

    until = told_until = 0.0


class RedisCache(django_redis.RedisCache):
    """Django's, but while Redis cannot be used this process's memory takes its place, so nothing waits or fails."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "retry": Retry(NoBackoff(), 0),
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self.memory = LocMemCache("instead of Redis", {**params, "OPTIONS": {}})

    def use(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of Redis's cache, or of memory's during an outage."""
        now = monotonic()
        if now >= Outage.until:
            try:
                answer = getattr(super(), method)(*arguments, **named)
            except (RedisError, OSError) as error:
                Outage.until = now + PATIENCE + PAUSE
                if now >= Outage.told_until:
                    Outage.told_until = now + SILENCE
                    logger.error("The cache cannot be used, so each process keeps its own: %s", error)
            else:
                if Outage.until:
                    Outage.until = 0
                    self.memory.clear()
                    logger.warning("The cache can be used again.")
                return answer
        return getattr(self.memory, method)(*arguments, **named)


def _guarded(method: str) -> Any:
    def call(self: RedisCache, *arguments: Any, **named: Any) -> Any:
        return self.use(method, *arguments, **named)

    return call


for _method in METHODS:
    setattr(RedisCache, _method, _guarded(_method))

"""Which outlets, and which topics, are likely the same."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ..models import Provider
from ..stories import trees

MOST_GROUPS, MOST_OF_ONE = 20, 10  # that are offered; more of one name are likely not the same
SECOND = {"ac", "co", "com", "edu", "gov", "net", "org"}  # labels below a country's, under which names are registered
HOSTS = {
    *("blogspot.com", "github.io", "medium.com", "substack.com", "tumblr.com", "wordpress.com"),
    *("yahoo.com", "msn.com", "google.com"),
}  # below which are the sites of many


def outlets() -> list[list[Any]]:
    """Return groups of outlets of one domain but for `www.`, one name, or one registrable domain. Costs a query."""
    rows = list(Provider.objects.order_by("domain").only("name", "domain"))
    keys = (
        lambda row: row.domain.removeprefix("www."),
        lambda row: _key(row.name),
        lambda row: _registered(row.domain),
    )
    found: list[list[Any]] = []
    for key in keys:
        groups = _grouped((key(row), row) for row in rows)
        known = [set(group) for group in found]
        found += [group for group in groups if not any(set(group) <= other for other in known)]
    return found[:MOST_GROUPS]


def topics() -> list[list[Any]]:
    """Return groups of topics of one site whose names are the same but for case, spacing or a plural. Costs a query."""
    pairs = [
        ((site, _singular(_key(node.topic.name))), node.topic)
        for site, tops in trees.trees().items()
        for top in tops
        for node in top.walk()
    ]
    return _grouped((key if key[1] else "", topic) for key, topic in pairs)[:MOST_GROUPS]


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> list[list[Any]]:
    """Return the groups of rows that have one key, but for those without."""
    found = defaultdict(list)
    for key, row in pairs:
        if key:
            found[key].append(row)
    return [rows for rows in found.values() if 1 < len(rows) <= MOST_OF_ONE]


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _registered(domain: str) -> str:
    """Return the part of a domain that is registered, as far as that can be told without a list; "" if not."""
    labels = domain.partition("/")[0].partition(":")[0].split(".")
    is_of_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND
    found = ".".join(labels[-3 if is_of_country else -2 :])
    return "" if found in HOSTS or len(labels) < 2 else found

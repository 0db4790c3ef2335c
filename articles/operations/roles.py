"""The roles: groups of accounts that every site has. What people change about these groups is kept.

Each role may do what the one before may, and more. `keep_in_line` runs after each `migrate`: it makes the groups once,
and gives a role the new permissions of a version as long as its permissions are those that it was given. A person may
rename a group, edit or delete it: it stays as they left it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}


@dataclass(frozen=True)
class Spec:
    """A role: its key, the name of its group, what it may do in words, and its permissions beyond the role before.

    `models` has the first letters of the verbs by model, `others` names permissions of their own.
    """

    key: str
    name: Any
    told: Any
    models: dict[str, str]
    others: tuple[str, ...] = ()

    def own(self) -> Iterator[str]:
        """Yield the permissions that it has beyond the role before."""
        for model, letters in self.models.items():
            label, name = model.split(".") if "." in model else ("articles", model)
            yield from (f"{label}.{VERBS[letter]}_{name}" for letter in letters)
        yield from (f"articles.{name}" for name in self.others)


LOOKED_AT = (
    *("article", "articleimage", "story", "relatedlink", "suggestion", "conflict", "boost", "pin", "topic", "provider"),
    *("providerimage", "source", "importrun", "deletedarticle", "issue", "action"),
)
SPECS = (
    Spec(
        "reader",
        _("Desk reader"),
        _("Looks at everything the desk has, and changes nothing. Sees no accounts and no subscribers."),
        dict.fromkeys(LOOKED_AT, "v"),
    ),
    Spec(
        "editor",
        _("Editor"),
        _(
            "Decides: publishes and unpublishes, edits articles, stories, topics, outlets and newsletters, merges "
            "those that are the same, boosts, pins, accepts suggestions and resolves conflicts. Up to 50 rows of a "
            "list at once."
        ),
        {
            **dict.fromkeys(("article", "topic", "provider"), "ac"),
            **dict.fromkeys(("story", "relatedlink", "boost", "pin"), "acd"),
            **dict.fromkeys(("suggestion", "conflict", "issue"), "c"),
        },
    ),
    Spec(
        "publisher",
        _("Publisher"),
        _(
            "An editor who also withdraws articles for good, sends the newsletter, and decides about any number of "
            "rows at once."
        ),
        {"delivery": "v"},
        ("withdraw_article", "decide_many", "send_issue"),
    ),
    Spec(
        "administrator",
        _("Administrator"),
        _(
            "A publisher who also sets up sources, imports files, makes accounts and gives them roles, keeps the list "
            "of subscribers, and deletes articles, topics and outlets."
        ),
        {
            **dict.fromkeys(("article", "topic", "provider", "deletedarticle", "issue", "suggestion", "conflict"), "d"),
            "source": "acd",
            "importrun": "a",
            "subscriber": "vacd",
            "auth.user": "vacd",
            "auth.group": "v",
        },
    ),
)


def permissions_of(key: str) -> list[str]:
    """Return the permissions of a role, sorted."""
    found: set[str] = set()
    for spec in SPECS:
        found.update(spec.own())
        if spec.key == key:
            return sorted(found)
    raise KeyError(key)


def keep_in_line(using: str = "default", apps: Any = current_apps, **_signal: Any) -> None:
    """Make the roles that never were, and give those that nobody edited what their permissions are now."""
    try:
        roles = apps.get_model("articles", "Role").objects.using(using)
    except LookupError:  # the tables are of an earlier version
        return
    for label in ("articles", "auth"):  # the permissions, which Django makes after this
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    permissions = apps.get_model("auth", "Permission").objects.using(using).select_related("content_type")
    there = {f"{one.content_type.app_label}.{one.codename}": one.pk for one in permissions}
    groups = apps.get_model("auth", "Group").objects.using(using)
    stored = roles.select_related("group").in_bulk()
    for spec in SPECS:
        wanted = [name for name in permissions_of(spec.key) if name in there]
        role = stored.get(spec.key)
        if role is None:
            with override(None):  # names are stored in English, and shown in each person's language
                group = groups.create(name=_free_name(str(spec.name), groups))
            group.permissions.set(there[name] for name in wanted)
            roles.create(key=spec.key, group=group, given=wanted)
        elif role.given != wanted and role.group and has_as_given(role):
            role.group.permissions.set(there[name] for name in wanted)
            role.given = wanted
            role.save(using=using)


def _free_name(name: str, groups: Any) -> str:
    """Return a name that no group of this site has: one of this name is somebody's own, and stays theirs."""
    taken = set(groups.values_list("name", flat=True))
    return next(one for one in (name, *(f"{name} {number}" for number in range(2, 999))) if one not in taken)


def has_as_given(role: Any) -> bool:
    """Return whether a role's group has exactly the permissions that the role was given: nobody edited it."""
    pairs = role.group.permissions.values_list("content_type__app_label", "codename")
    return sorted(f"{label}.{codename}" for label, codename in pairs) == role.given


def described(group: Any) -> tuple[str, str]:
    """Return the name of a group, and what it may do, in the language of the moment."""
    role = getattr(group, "role", None)
    spec = next((spec for spec in SPECS if role and spec.key == role.key), None)
    name = gettext(group.name) if spec else group.name
    if spec and has_as_given(role):
        return name, str(spec.told)
    number = group.permissions.count()
    text = ngettext(
        "%(n)s permission, chosen by an administrator.", "%(n)s permissions, chosen by an administrator.", number
    )
    return name, text % {"n": number}

"""What requests to the admin change: every form, button and action, sent for real and then rolled back."""

import re
from contextlib import contextmanager
from copy import deepcopy

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from articles.models import (
    Action,
    ActionRow,
    Article,
    Boost,
    Change,
    IssueArticle,
    LogIn,
    OpenSession,
    Postponed,
    Provider,
    ReindexRequest,
    SavedFilter,
    SearchEntry,
    Story,
    Suggestion,
    Topic,
    Visit,
)
from newsroom.accounts import urls as accounts
from tests.admin import everything

# What records who did what, what is a person's own, and what is computed from the rest.
RECORDS = {
    *(LogEntry, LogIn, Session, OpenSession, Action, ActionRow, Change, ReindexRequest, SearchEntry),
    *(SavedFilter, Visit, Postponed),
    "articles_searchwords",
}
COMPUTED = {
    "boost",
    "coverage",
    "elect_at",
    "heat_score",
    "hot_score",
    "lead",
    "newest_at",
    "quality_score",
    "updated_at",
    "last_login",
}
FORMS = ("", "add/", "<path:object_id>/change/", "<path:object_id>/delete/")  # of Django, sent below
DJANGOS = (*FORMS, "<path:object_id>/history/", "<path:object_id>/")
# What the buttons of our own pages send. `{…}` is the id of a row of that model.
SENT = {
    "articles/article/<int:pk>/values/": [{"field": name} for name in ("title", "quality", "story", "topics")],
    "articles/story/<int:pk>/edit/": [],  # leads to the next
    "desk/stories/<int:pk>/": [
        {"do": "text", "headline": "Another"},
        {"do": "split", "article": "{Member}"},
        {"do": "withdraw", "article": "{Member}"},
        {"do": "lead", "article": "{Member}"},
        {"do": "release"},
        {"do": "move", "article": "{Member}", "story": "{other}"},
        {"do": "merge", "story": "{other}"},
        {"do": "add-{elsewhere}"},
        *({"do": do, "article": "{Member}"} for do in ("publish", "remove")),
        {"do": "undo-{action}"},
    ],
    "desk/combine/": [
        {"story": "{story}", "article": "{alone}", "shown": "{story} 3"},
        {"article": "{alone}"},
    ],
    "desk/suggestions/<int:pk>/": [
        *({"do": do} for do in ("accept", "keep-1", "keep-2", "different", "later")),
        {"do": "undo", "done": "{action}"},
    ],
    "desk/suggestions/accept/": [{"suggestion": "{suggestion}"}],
    "articles/action/<int:pk>/undo/": [{}],
    "articles/action/<int:pk>/go/": [{}, {"reason": "Because", "note": "It was wrong."}],
    "articles/issue/<int:pk>/edit/": [
        {"do": "text", "introduction": "Hello", "note-{alone}-note": "Why"},
        *({"do": do, "introduction": ""} for do in ("up-{place}", "out-{place}", "in-{elsewhere}")),
    ],
    "articles/issue/<int:pk>/send/": [{}],
    "articles/issue/<int:pk>/try/": [{}],
    "articles/issue/<int:pk>/again/": [{}],
    "drafts/": [
        {"form": "articles.article", "row": "new", "values": "title=A"},
        {"form": "articles.boost", "row": "{boost}", "values": "points=1"},
        {"form": "articles.article", "row": "new", "throw_away": "1"},
    ],
    "desk/triage/<int:pk>/": [
        *({"do": do} for do in ("publish", "seen", "later", "lead")),
        *({"do": do, "stories": answer} for do in ("unpublish", "remove") for answer in ("next", "hide")),
        {"do": "remove", "stories": "hide", "reason": "Because", "note": "It was wrong."},
        {"do": "quality", "quality": "7"},
        {"do": "topics", "add": "Quay"},
        {"do": "boost", "points": "5", "reason": "Because"},
        {"do": "join", "with": "{elsewhere}"},
        {"do": "undo", "undoes": "{action}"},
    ],
    "desk/topics/": [{"topic": "{quay}", "do": "out"}],
    "desk/topics/merge/": [{"pk": "{quay}", "into": "{harbour}"}],
    "desk/outlets/merge/": [{"pk": "{outlet}", "into": "{another}"}],
    "desk/restore/<int:pk>/": [{"field": "{field}", "seen": "{seen}"}],
    "desk/restore/import/<int:pk>/": [{"field": "title", "seen": "{imported}"}],
    "desk/filters/": [{"name": "A", "query": "mark=all"}],
    "desk/import/": [{"new_site": "island"}],
    "desk/import/<int:pk>/": [{"do": "check"}, {"do": "apply"}, {"do": "throw_away"}],
    "desk/import/<int:pk>/part/": [{"name": "a.md", "size": "1", "start": "0"}],
    "articles/subscriber/find/": [{"email": "r@example.org"}],
    "auth/user/<id>/password/": [
        {"password1": "n3w-Pass-word", "password2": "n3w-Pass-word", "usable_password": "true", "set-password": ""}
    ],
}
WORDS = {
    "email": "x@example.org",
    "slug": "x",
    "username": "xavier",
    "password1": "n3w-Pass-word",
    "password2": "n3w-Pass-word",
}
MOMENT = {"published_at_0": "2026-11-01", "published_at_1": "10:00:00"}
BEGINNINGS = {"domain": "x.example", "url": "https://x.example/", "web_url": "https://x.example/"}
OWN = set(everything.routes(accounts.urlpatterns))  # about nobody but who is logged in
READS = {  # pages that take no POST, or of which one changes nothing
    "", "login/", "logout/", "password_change/", "password_change/done/", "autocomplete/", "jsi18n/",
    "r/<path:content_type_id>/<path:object_id>/", "articles/issue/<int:pk>/html/",
    "articles/article/add/preview/", "articles/article/<path:object_id>/preview/", "articles/article/known/",
    "articles/provider/<int:pk>/scorecard/", "desk/", "desk/triage/", "desk/triage/<int:pk>/stories/",
    "desk/stories/", "desk/stories/<int:pk>/find/", "desk/suggestions/",
    "desk/log/", "desk/imports/<int:pk>/", "desk/export/",
}  # fmt: skip


def snapshot(models):
    """Return the rows of tables by model and key, without what is recorded or computed."""
    found = {}
    for model in models:
        fields = [field.attname for field in model._meta.concrete_fields if field.name not in COMPUTED]
        found[model._meta.model_name] = {row[0]: row for row in model._base_manager.values_list("pk", *fields)}
    return found


@contextmanager
def written():
    """Notice statements that write. Yields a set that the models whose tables they write are added to."""
    found = set()
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}

    def notice(execute, sql, params, many, context):
        if statement := re.match(r'(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM) "?(\w+)', sql):
            found.add(models.get(statement[1], statement[1]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(notice):
        yield found


def _is_other(model, allowed):
    return not isinstance(model, str) and model._meta.model_name not in allowed


def effect(client, address, data, allowed=()):
    """Return the names of the models whose rows a POST changes, and roll it back. Only those not `allowed` are read."""
    return attempt(client, address, data, allowed)[0]


def attempt(client, address, data, allowed=()):
    """Return what `effect` does, and the answer. Whoever logged out is logged in again."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        with written() as touched:
            response = client.post(address, data)
            if response.status_code == 302 and response.url.startswith("/admin/articles/action/"):  # asks first
                client.post(response.url)
        models = {model for model in touched - RECORDS if _is_other(model, allowed)}
        after = snapshot(models)
        transaction.set_rollback(True)
    client.cookies = cookies
    before = snapshot(models)
    return {name for name in before if before[name] != after[name]}, response


def requests(client, rows):
    """Return pairs of an address and what to send: all that the admin takes from a superuser, whose client is given."""
    return [(address, data) for _, address, data in labelled(client, rows)]


def labelled(client, rows):
    """Return what `requests` does, each after its label: the route, and the button or action that is pressed.

    Raises AssertionError for a page of our own without an entry above.
    """
    ids = {
        "Member": rows[Story].articles.get(title="Member").pk,
        "other": Story.objects.exclude(pk=rows[Story].pk).first().pk,
        "action": Action.objects.get().pk,
        "boost": rows[Boost].pk,
        "story": rows[Story].pk,
        "alone": Article.objects.get(title="Alone").pk,
        "suggestion": rows[Suggestion].pk,
        **{topic.slug: topic.pk for topic in Topic.objects.all()},
        "outlet": rows[Provider].pk,
        "another": Provider.objects.get(domain="another.example").pk,
        "elsewhere": Article.objects.get(title="Other lead").pk,
        "place": IssueArticle.objects.get().pk,
    }
    written = ActionRow.objects.filter(model="story").exclude(before={}).first().pk
    page = everything.fields(client.get(everything.address("desk/restore/<int:pk>/", written)))
    ids |= {"field": page["field"], "seen": page["seen"]}
    change = Change.objects.create(article=rows[Article], by_import=True, deltas={"title": ["Before", "After"]}).pk
    address = everything.address("desk/restore/import/<int:pk>/", change)
    ids |= {"imported": everything.fields(client.get(address, {"field": "title"}))["seen"]}
    found = list(_actions(client, rows))
    for route in everything.routes():
        model = everything.model_of(route)
        short = model and route.removeprefix(model._meta.label_lower.replace(".", "/") + "/")
        known = route in SENT or route in READS | OWN or short in DJANGOS
        assert known, f"Say in tests/admin/effects.py what {route} takes."
        keys = {"desk/restore/<int:pk>/": written, "desk/restore/import/<int:pk>/": change}
        key = keys.get(route) or (rows[model].pk if model else 1)
        address = everything.address(route, key)
        sent = SENT.get(route, [] if short in FORMS or route in OWN else [{}])
        for data in sent:
            label = (route, data.get("do", "").partition("-")[0])
            found.append((label, address, {n.format(**ids): value.format(**ids) for n, value in data.items()}))
        found += [((route, ""), address, data) for data in _forms(client, short, address)]
    return found


def _actions(client, rows):
    """Yield what chooses all rows of a list and does something to them."""
    request = client.get("/admin/").wsgi_request
    for model, model_admin in admin.site._registry.items():
        route = model._meta.label_lower.replace(".", "/") + "/"
        address = everything.address(route, "")
        chosen = [rows[User].pk] if model is User else list(model._base_manager.values_list("pk", flat=True))
        data = {"_selected_action": chosen, "index": "0", "post": "yes"}
        yield from (((route, name), address, {**data, "action": name}) for name in model_admin.get_actions(request))


def _forms(client, short, address):
    """Return what Django's pages of a row take."""
    if short == "<path:object_id>/delete/":
        return [{"post": "yes"}]
    if "/conflict/" in address and short == "<path:object_id>/change/":
        return [{"take": take} for take in ("ours", "theirs", "base")]
    page = client.get(address) if short in ("add/", "<path:object_id>/change/") else None
    return changed(page) if page and page.status_code == 200 else []


def changed(page):
    """Return what a form would send with all its fields changed, and with all its rows deleted."""
    found, rows = everything.fields(page), []
    found |= {name: moment for name, moment in MOMENT.items() if found.get(name) == ""}
    forms_ = [page.context["adminform"].form] if page.context.get("adminform") else []
    for inline in page.context.get("inline_admin_formsets") or ():
        forms_ += inline.formset.forms
        prefix = inline.formset.prefix
        rows += [f"{form.prefix}-DELETE" for form in inline.formset.initial_forms]
        found |= {f"{prefix}-TOTAL_FORMS": str(len(inline.formset.forms))}
    for bound in (bound for form in forms_ for bound in form if not bound.field.widget.is_hidden):
        if isinstance(bound.field, forms.BooleanField) and not bound.html_name.endswith("-DELETE"):
            found.pop(bound.html_name) if bound.value() else found.update({bound.html_name: "on"})
        elif (value := _another(bound)) is not None:
            found[bound.html_name] = value
    return [found, found | dict.fromkeys(rows, "on")]


def _another(bound):
    """Return another value for a field, which it may have. None: what it has stays."""
    field, value = bound.field, bound.value()
    if bound.name in WORDS:
        return WORDS[bound.name]
    if isinstance(field, forms.ModelMultipleChoiceField):
        return [one.pk for one in field.queryset.order_by("pk")[: 0 if value else 1]]
    if isinstance(field, forms.ModelChoiceField):
        return str(field.queryset.first().pk) if field.required and not value else None
    if isinstance(field, forms.IntegerField):
        return str((value or 0) + 1)
    if type(field) is forms.CharField and bound.name != "locale":
        return f"{value or BEGINNINGS.get(bound.name, 'x')}x"
    return None


def staff(*rights, name="ed"):
    """Store an editor with these rights: codenames such as `change_article`."""
    user = User.objects.create_user(name, f"{name}@example.org", "secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return User.objects.get(pk=user.pk)

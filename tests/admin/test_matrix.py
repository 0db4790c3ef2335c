"""Each role x each address, method, button and action x each state of an article: allowed, or without effect."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from articles.models import Article, Role, State, Story
from articles.ranking import MEMBER_HEAT
from articles.sync.importer import import_files
from tests.admin import effects, everything, least
from tests.factories import make_file

pytestmark = pytest.mark.django_db
BY_STATE = (
    "articles/article/",
    "desk/stories/<int:pk>/",
    "desk/triage/<",
    "desk/restore/",
)  # what depends on the state
PAST, FUTURE = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
STATES = {
    State.NEW: {"published": False, "story": None},
    State.COVERAGE: {"published": False, "heat": MEMBER_HEAT},
    State.PUBLISHED: {"published": True},
    State.SCHEDULED: {"published": True, "live_at": FUTURE},
    State.ENDED: {"published": True, "ends_at": PAST},
    State.REMOVED: {"published": False, "removed": True},
}
ROLES = ["anonymous", "nobody", "reader", "editor", "publisher", "administrator"]


def test_every_page_action_and_step_says_who_may_do_it():
    assert list(least.undeclared()) == []
    assert STATES.keys() == set(State)


def may(role, who):
    return least.ROLES.index(role) >= least.ROLES.index(who)


@pytest.fixture(scope="module")
def asked(module_db):
    """Rows by model, and all that the admin takes: labels, addresses and what is sent."""
    import_files([make_file("lead", title="The file's"), make_file("other")])
    rows = everything.make_rows()
    imported = Article.objects.get(stem="lead")
    Article.objects.filter(pk=imported.pk).update(title="The editor's", story=rows[Story])
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root", "root@example.org"))
    rows |= {Article: imported}
    return rows, effects.labelled(client, rows)


@pytest.fixture
def client_of(asked):
    """Return a function: a client of somebody with a role."""

    def log_in(role):
        client = Client(raise_request_exception=False)
        if role == "superuser":
            client.force_login(User.objects.get(username="root"))
        elif role != "anonymous":
            user = effects.staff()
            if role != "nobody":
                user.groups.add(Role.objects.get(key=role).group)
            client.force_login(User.objects.get(pk=user.pk))
        return client

    return log_in


def put_into(state, article):
    """Put an article into a state, in a story that another one leads."""
    Article.objects.filter(pk=article.pk).update(**{"removed": False, "live_at": None, "ends_at": None} | STATES[state])
    found = Article.objects.select_related("story__lead").get(pk=article.pk)
    assert found.state == state


def refused(response, role):
    """Return whether a page was refused with a sentence, is not there, takes no such method, or asks to log in."""
    if role == "anonymous":
        asks = response.status_code == 302 and "/login/" in response.url
        return asks or response.status_code == 403  # which gives the texts of a form back
    if response.status_code == 403:
        return b"An administrator can give you a role" in response.content
    return response.status_code in (404, 405)


@pytest.fixture(scope="module")
def of_superusers():
    """What the requests of a superuser change, by state and label, as far as it is known."""
    return {}


def wrong(requests, client, role, superuser, known):
    """Yield what is wrong with the effects of requests by a role. `known` is what those of a superuser change."""
    for number, (label, address, data) in enumerate(requests):
        what, response = effects.attempt(client, address, data)
        if not may(role, least.to_do(*label)):
            if what or not refused(response, role):
                yield label, "was not refused", response.status_code, what
            continue
        if number not in known:
            known[number] = effects.effect(superuser, address, data)
        if bool(what) != bool(known[number]) or not what <= known[number]:
            yield label, "differs", response.status_code, what, known[number]


@pytest.mark.slow
@pytest.mark.attack(15)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_may_and_no_other_page(asked, client_of, role):
    (rows, _), client, superuser, found = asked, client_of(role), client_of("superuser"), []
    for route in everything.routes():
        if route in effects.OWN or route in ("login/", "logout/"):
            continue
        model, who = everything.model_of(route), least.to_look(route)
        address = everything.address(route, rows[model].pk if model else 1)
        if superuser.get(address).status_code >= 400:  # it takes only POST, or needs parameters
            continue
        response = client.get(address)
        if may(role, who) != (not refused(response, role)) or (may(role, who) and response.status_code >= 400):
            found.append((route, who, response.status_code))

    assert found == []


@pytest.mark.slow
@pytest.mark.attack(15)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_what_it_may_and_nothing_else(asked, of_superusers, client_of, settings, role):
    settings.NEWSROOM_SENDS_MAIL = True
    client, superuser = client_of(role), client_of("superuser")
    found = wrong(asked[1], client, role, superuser, of_superusers.setdefault("", {}))

    assert list(found) == []


@pytest.mark.slow
@pytest.mark.attack(15)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", State)
def test_what_a_role_may_do_to_an_article_depends_on_no_state(asked, of_superusers, client_of, role, state):
    client, superuser = client_of(role), client_of("superuser")
    put_into(state, asked[0][Article])
    requests = [request for request in asked[1] if request[0][0].startswith(BY_STATE)]
    found = wrong(requests, client, role, superuser, of_superusers.setdefault(state, {}))

    assert len(requests) > 20
    assert list(found) == []

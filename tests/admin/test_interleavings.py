"""Three people open and save the same forms in any order: no change is lost, and each collision is told."""

import random
import re
from itertools import count
from threading import Barrier, Thread

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from articles.models import (
    Article,
    Boost,
    Conflict,
    Draft,
    Pin,
    Provider,
    RelatedLink,
    Source,
    Story,
    Subscriber,
    Suggestion,
    Topic,
)
from tests.admin import everything
from tests.factories import make_article

FIELDS = {  # of each form that saves texts
    Article: ("title", "excerpt", "quality", "web_url"),
    Boost: ("reason", "points"),
    Pin: ("reason", "position"),
    Source: ("title", "web_url"),
    Story: ("headline", "summary"),
    RelatedLink: ("title", "excerpt", "web_url"),
    Topic: ("shortname", "menu_order"),
    Provider: ("name", "description"),
    Subscriber: ("email",),
    User: ("first_name", "last_name"),
    Group: ("name",),
}
BUTTONS = {Suggestion, Conflict}  # whose pages have buttons instead: what is decided once is decided
NUMBERS, ADDRESSES, MAILS = ("quality", "points", "position", "menu_order"), ("web_url",), ("email",)


def rows():
    """Return a row for each form, by its model."""
    found = everything.make_rows()
    return {model: found[model] for model in FIELDS}


@pytest.mark.django_db
def test_every_form_of_the_admin_is_saved_by_these_tests(admin_client):
    request = admin_client.get("/admin/").wsgi_request
    forms = {model for model, of_it in admin.site._registry.items() if of_it.has_change_permission(request)}

    assert forms == FIELDS.keys() | BUTTONS
    assert not any(model_admin.list_editable for model_admin in admin.site._registry.values())


def address_of(row):
    if isinstance(row, Story):
        return reverse("desk_story", args=[row.pk])
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def new_value(name, number):
    if name in NUMBERS:
        return str(number)
    if name in ADDRESSES:
        return f"https://a.example/{number}"
    return f"reader{number}@example.org" if name in MAILS else f"Text {number}"


def fields(page):
    """Return what a form sends untouched. A choice of several without any is not sent."""
    found = everything.fields(page)
    return {name: value for name, value in found.items() if value or not name.endswith("permissions")}


def stored(row):
    found = type(row).objects.values(*FIELDS[type(row)]).get(pk=row.pk)
    return {name: str(value) for name, value in found.items()}


def choices(page, wanted):
    """Return what is sent to make a choice about each field that the page tells of."""
    sent = {}
    for name, value in re.findall(r'name="(choose-[\w-]+)" value="(\w+-\w+)"', page):
        if value.startswith(wanted[name.removeprefix("choose-")]):
            sent[name] = value
    return sent


def save(client, row, page, edits, dice):
    """Save a form with some edits. Check what is told and stored, with a choice about each collision."""
    before = stored(row)
    collided = {name for name, new in edits.items() if before[name] not in (page[name], new)}
    sent = page | edits | ({"do": "text"} if isinstance(row, Story) else {"_continue": ""})
    answer = client.post(address_of(row), sent)
    if not collided:
        assert answer.status_code == 302
        assert stored(row) == before | edits
        return False
    said = answer.content.decode()
    told = {name.removeprefix("choose-") for name in re.findall(r'name="(choose-[\w-]+)"', said)}
    assert (answer.status_code, told, stored(row)) == (200, collided, before)
    assert all(re.search(r"\w+ \(at \d\d:\d\d UTC\) changed this while your form was open", said) for _ in told)
    wanted = {name: dice.choice(["ours", "theirs"]) for name in collided}
    again = fields(answer) | choices(said, wanted)
    again |= {"do": "text"} if isinstance(row, Story) else {"_continue": ""}
    assert client.post(address_of(row), again).status_code == 302
    kept = {name: new for name, new in edits.items() if wanted.get(name) != "theirs"}
    assert stored(row) == before | kept
    return True


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_no_change_is_lost_and_each_collision_is_told_in_any_order(seed, request):
    rounds = request.config.getoption("--rounds")
    dice, found, saved, collisions = random.Random(seed), rows(), 0, 0  # noqa: S311
    clients, opened = [], {}
    for name in ("ada", "ben", "cem"):
        clients.append(Client())
        clients[-1].force_login(User.objects.create_superuser(name))
    for number in count(1):
        if saved == rounds:
            break
        person, model = dice.randrange(3), dice.choice(list(FIELDS))
        if page := opened.pop((person, model), None):
            saved += 1
            names = dice.sample(FIELDS[model], min(dice.randint(1, 2), len(FIELDS[model])))
            edits = {name: new_value(name, number) for name in names}
            collisions += save(clients[person], found[model], page, edits, dice)
        else:
            opened[person, model] = fields(clients[person].get(address_of(found[model])))

    print(f"{saved} saved, {collisions} collisions, each told; none lost")
    assert collisions > rounds // 20


@pytest.mark.slow
@pytest.mark.postgresql  # the tests' SQLite is in memory, and has one connection
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_save_at_the_same_moment_one_is_told():
    article = make_article("Before")
    address, clients = address_of(article), []
    for name in ("ada", "ben"):
        clients.append(Client())
        clients[-1].force_login(User.objects.create_superuser(name))
    for number in range(10):
        pages = [everything.fields(client.get(address)) | {"_continue": ""} for client in clients]
        statuses, barrier = [], Barrier(2)

        def save_at_once(who, pages=pages, number=number, statuses=statuses, barrier=barrier):
            barrier.wait()
            statuses.append(clients[who].post(address, pages[who] | {"title": f"{who} {number}"}).status_code)
            connection.close()

        threads = [Thread(target=save_at_once, args=[who]) for who in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(statuses) == [200, 302]
        Draft.objects.all().delete()

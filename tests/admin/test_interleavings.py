"""Three people open and save the same forms in any order: no change is lost, and each collision is told."""

import random
import re
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from articles.models import Article, Boost, Draft, Source, Story
from tests.admin import everything
from tests.factories import make_article, make_story

FIELDS = {
    Article: ("title", "excerpt", "quality", "web_url"),
    Boost: ("reason", "points"),
    Source: ("title", "web_url"),
    Story: ("headline", "summary"),
}
NUMBERS, ADDRESSES = ("quality", "points"), ("web_url",)


def rows():
    lead = make_article("Lead")
    boost = Boost.objects.create(article=lead, points=1, reason="Because")
    return {Article: lead, Boost: boost, Source: lead.source, Story: make_story(lead, make_article())}


def address_of(row):
    if isinstance(row, Story):
        return reverse("desk_story", args=[row.pk])
    return reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])


def new_value(name, number):
    return str(number) if name in NUMBERS else f"https://a.example/{number}" if name in ADDRESSES else f"Text {number}"


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
    again = everything.fields(answer) | choices(said, wanted)
    again |= {"do": "text"} if isinstance(row, Story) else {"_continue": ""}
    assert client.post(address_of(row), again).status_code == 302
    kept = {name: new for name, new in edits.items() if wanted.get(name) != "theirs"}
    assert stored(row) == before | kept
    return True


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_no_change_is_lost_and_each_collision_is_told_in_any_order(seed):
    dice, found, collisions = random.Random(seed), rows(), 0  # noqa: S311
    clients, opened = [], {}
    for name in ("ada", "ben", "cem"):
        clients.append(Client())
        clients[-1].force_login(User.objects.create_superuser(name))
    for number in range(1, 120):
        person, model = dice.randrange(3), dice.choice(list(FIELDS))
        if page := opened.pop((person, model), None):
            names = dice.sample(FIELDS[model], dice.randint(1, 2))
            edits = {name: new_value(name, number) for name in names}
            collisions += save(clients[person], found[model], page, edits, dice)
        else:
            opened[person, model] = everything.fields(clients[person].get(address_of(found[model])))

    assert collisions > 5


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

"""Two people decide about the same articles in any order, by steps of the desk and in bulk: the second one is told.

`pytest -m slow -s --rounds 1000` does it often, with `tests/admin/test_interleavings.py` too.
"""

import random

import pytest
from django.contrib.auth.models import User
from django.test import Client

from articles.desk import collisions, steps
from articles.models import Article, Boost, Mark
from tests.factories import make_article, make_story, make_topic

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# What each step changes, of which a second person is told; and those that add, or have rules of their own.
TELLS = {
    **{"publish": "decision", "unpublish": "decision", "remove": "decision", "quality": "quality"},
    **{"seen": "mark", "later": "mark", "join": "story", "lead": "lead"},
}
ADDS = {"topics", "boost", "undo"}


@pytest.fixture
def people(db):
    """Return two clients: of Ada and of Ben."""
    found = [Client(), Client()]
    for client, name in zip(found, ("ada", "ben"), strict=True):
        client.force_login(User.objects.create_superuser(name))
    return found


@pytest.fixture
def dice(request):
    return random.Random(14)  # noqa: S311


def test_every_step_of_the_desk_tells_a_second_person_or_only_adds():
    assert steps.STEPS.keys() == collisions.OF_STEP.keys() | ADDS
    assert collisions.OF_STEP == TELLS


def values(article):
    """Return what there is now: what cards show, topics and boosts."""
    found = Article.objects.select_related("story", "mark").get(pk=article.pk)
    parts = dict(zip(collisions.NAMES, collisions.shown(found).split("/"), strict=True))
    return parts | {"topics": set(found.topic_names), "boosts": Boost.objects.filter(article=article).count()}


def make_rounds_article(number):
    lead, article = make_article(f"Lead {number}"), make_article(f"News {number}", quality=5)
    make_story(lead, article)
    Mark.objects.create(article=article)
    return article


def chosen(dice, others):
    """Return a step to take, with what is sent, and the value that it gives what it changes."""
    do = dice.choice(["publish", "unpublish", "quality", "seen", "later", "join", "topics", "boost"])
    sent = {
        "quality": lambda: {"quality": str(dice.randint(1, 3))},
        "join": lambda: {"with": dice.choice(others).pk},
        "topics": lambda: {"add": dice.choice(["Harbour", "Quay"])},
        "boost": lambda: {"points": "5", "reason": "Because"},
        "unpublish": lambda: {"stories": "hide"},
    }.get(do, dict)()
    wanted = {"publish": "published", "unpublish": "unpublished", "seen": "seen", "later": "later"}.get(do)
    if do == "join":
        wanted = str(Article.objects.get(pk=sent["with"]).story_id)
    return do, sent, wanted or sent.get("quality")


def take(client, article, do, sent, shown):
    answer = client.post(
        f"/admin/desk/triage/{article.pk}/", {"do": do, **sent, "shown": shown}, headers={"X-Desk": "1"}
    )
    assert answer.status_code == 200
    return answer.context["card"]


def test_no_step_of_the_desk_is_lost_and_each_collision_is_told(people, dice, request):
    rounds, told = request.config.getoption("--rounds"), 0
    make_topic("Harbour"), make_topic("Quay")
    others = [make_article("Elsewhere"), make_article("Far")]
    make_story(others[0], make_article())
    make_story(others[1], make_article())
    for number in range(rounds):
        article, (first, second) = make_rounds_article(number), dice.sample(people, 2)
        shown = second.get(f"/admin/desk/triage/{article.pk}/").context["card"].shown
        before = values(article)
        take(first, article, *chosen(dice, others)[:2], shown)
        between = values(article)
        do, sent, wanted = chosen(dice, others)
        card, name = take(second, article, do, sent, shown), TELLS.get(do)
        collides = name is not None and between[name] != before[name] and between[name] != wanted
        if collides:
            told += 1
            assert "while your page was open" in card.error
            assert ("ada" if first is people[0] else "ben") in card.error
            assert values(article) == between, do
            card = take(second, article, do, sent, card.shown)
        assert not card.error or between.get(name) == wanted, (do, card.error)
        now = values(article)
        assert name is None or now[name] == wanted, do
        assert between["topics"] <= now["topics"]
        assert between["boosts"] <= now["boosts"]

    print(f"{rounds} rounds, {told} collisions, each told; none lost")
    assert told > rounds // 20


def test_no_bulk_decision_undoes_unseen_what_another_person_decided_meanwhile(people, dice, request):
    rounds, told = request.config.getoption("--rounds"), 0
    articles = [make_article(f"News {number}") for number in range(4)]
    for _ in range(rounds):
        pages = []
        for client in people:
            some = dice.sample(articles, dice.randint(1, 3))
            kind = dice.choice(["publish", "unpublish", "remove", "restore"])
            sent = {"action": kind, "_selected_action": [one.pk for one in some], "index": "0"}
            page = client.post("/admin/articles/article/", sent, follow=True)
            pages.append((client, {one.pk for one in some}, page.redirect_chain[-1][0], page.context["now"]))
        dice.shuffle(pages)
        (first, _, address, now), (second, theirs, other_address, shown) = pages
        start = states(articles)
        first.post(address, {"now": now})
        between = states(articles)
        answer = second.post(other_address, {"now": shown})
        if any(start[key] != between[key] for key in theirs):
            told += 1
            assert states(articles) == between
            assert "decided about" in answer.content.decode()
            answer = second.post(other_address, {"now": answer.context["now"]})
        assert answer.status_code == 302
        after = states(articles)
        assert all(after[key] == between[key] for key in after.keys() - theirs)

    print(f"{rounds} rounds, {told} collisions, each told; none lost")
    assert told > rounds // 20


def states(articles):
    return {
        row[0]: row[1:]
        for row in Article.objects.filter(pk__in=[one.pk for one in articles]).values_list("pk", "published", "removed")
    }

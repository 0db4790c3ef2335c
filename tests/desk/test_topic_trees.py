"""Topics as trees, by site: what editors move stays where they put it."""

import random

import pytest
from django.urls import reverse

from articles.models import Action, Topic
from articles.stories import trees, undo
from articles.sync import exporter
from tests.factories import make_article, make_file, make_source, make_topic
from tests.sync.taxonomies import import_site, topic_files

pytestmark = pytest.mark.django_db
PAGE = "/admin/desk/topics/"


def shown():
    """The trees in words: A(B C) D."""

    def said(node):
        below = " ".join(map(said, node.below))
        return f"{node.topic.name}({below})" if below else node.topic.name

    return {site: " ".join(map(said, tops)) for site, tops in trees.trees().items()}


@pytest.fixture
def site():
    return topic_files(("a", "A"), ("b", "B", "A"), ("c", "C", "A"), ("d", "D"), ("e", "E", "D"))


def pk(name):
    return Topic.objects.get(name=name).pk


MOVES = {
    "up": ("C", "up", None, "A(C B) D(E)"),
    "down": ("A", "down", None, "D(E) A(B C)"),
    "in": ("D", "in", None, "A(B C D(E))"),
    "out": ("B", "out", None, "A(C) B D(E)"),
    "below another": ("B", "below", "E", "A(C) D(E(B))"),
    "below nothing": ("B", "below", None, "A(C) D(E) B"),
    "before another": ("E", "before", "C", "A(B E C) D"),
    "before one at the top": ("C", "before", "A", "C A(B) D(E)"),
}


def test_topics_are_moved_and_no_import_undoes_it(desk, editor, site):
    import_site(*site)
    before = shown()
    assert before == {"site": "A(B C) D(E)"}
    for name, step, at, wanted in MOVES.values():
        desk.post(PAGE, {"topic": pk(name), "do": step, "at": pk(at) if at else ""})
        assert shown() == {"site": wanted}, step
        changed = [*site[:4], *topic_files(("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E", "D"))[4:]]

        report = import_site(*site)
        assert (shown(), report.conflicts) == ({"site": wanted}, 0), step
        assert import_site(*changed).rejected == []
        assert shown() == {"site": wanted}, step
        undo.undo(Action.objects.first(), editor)
        assert shown() == before, step


def test_topics_without_numbers_are_moved_to_any_place_and_back(editor):
    for name in "abcdef":
        make_article(topics=[make_topic(name, slug=name)])
    expected, chance = list("abcdef"), random.Random(3)  # noqa: S311 (a test)
    for _ in range(12):
        name, at = chance.sample("abcdef", 2)
        trees.move(pk(name), "before", editor, pk(at))
        expected.remove(name)
        expected.insert(expected.index(at), name)
        assert shown() == {"harbour": " ".join(expected)}
    for action in Action.objects.all():
        undo.undo(action, editor)
    assert shown() == {"harbour": "a b c d e f"}


REFUSED = [
    ("A", "below", "E2", "cannot be below “E2”, which is below it"),
    ("A", "below", "A", "cannot be below itself"),
    ("A", "up", None, "is the first already"),
    ("A", "in", None, "There is no topic before “A”"),
    ("A", "out", None, "is at the top already"),
    ("Z", "below", "E2", "readers see 4 levels"),
]


def test_what_is_impossible_is_refused_in_words(desk, site):
    import_site(*topic_files(*(("ABCDE"[n], "ABCDE"[n], *"ABCDE"[n - 1 : n]) for n in range(5)), ("z", "Z")))
    Topic.objects.filter(name="E").update(name="E2")
    for name, step, at, message in REFUSED:
        page = desk.post(PAGE, {"topic": pk(name), "do": step, "at": pk(at) if at else ""}, follow=True)
        assert message in page.content.decode(), (name, step)
        assert "Nothing was changed" in page.content.decode()
    gone = desk.post(PAGE, {"topic": 987654, "do": "up"}, follow=True)
    assert "somebody merged or deleted it" in gone.content.decode()
    assert desk.post(PAGE, {"topic": pk("A"), "do": "sideways"}).status_code == 404
    assert not Action.objects.exists()


def test_the_trees_are_shown_by_site_with_counts_in_few_queries(desk, site, django_assert_max_num_queries):
    import_site(*site)
    make_article(topics=[make_topic("Flat", slug="flat")])
    Topic.objects.create(name="<b>Unused", slug="unused")

    with django_assert_max_num_queries(10):
        page = desk.get(PAGE)
    text = page.content.decode()

    assert [site for site, _ in page.context["sites"]] == ["harbour", "site", "No site"]
    assert "&lt;b&gt;Unused" in text
    assert '1<span class="unseen"> articles</span>' in text


def test_a_script_gets_only_the_tree_and_what_was_done(desk, site):
    import_site(*site)

    page = desk.post(PAGE, {"topic": pk("C"), "do": "up"}, headers={"HX-Request": "true"})

    text = page.content.decode()
    assert text.startswith('<div id="tree"')
    assert "Moved the topic “C” up, before “B”" in text
    action = Action.objects.get()
    assert reverse("admin:articles_action_change", args=[action.pk]) in text
    assert desk.get(reverse("admin:articles_action_change", args=[action.pk])).status_code == 200


def test_a_moved_topics_articles_and_files_stay_as_they_were(desk, site):
    file = make_file("x", source="site", topics=["B", "E"])
    import_site(*site, file)

    desk.post(PAGE, {"topic": pk("B"), "do": "below", "at": pk("D")})

    assert dict(exporter.files(make_source("site"))) == {"x": file.data}

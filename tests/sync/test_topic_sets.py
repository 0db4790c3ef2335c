"""Topic files as one wanted state: swaps, chains, renames, and what contradicts itself."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles.models import Article, Conflict, Topic, TopicAlias
from articles.sync import exporter
from tests.factories import make_file, make_source
from tests.sync.taxonomies import import_site, rows, topic_file, topic_files

pytestmark = pytest.mark.django_db


def exported(source="site"):
    return {f"{stem}.md": data for stem, data in exporter.files(make_source(source))}


CHANGES = {  # kind: the topics of two versions
    "two topics swap names": ([("sea", "Sea"), ("land", "Land")], [("sea", "Land"), ("land", "Sea")]),
    "two files swap ids": ([("sea", "Sea"), ("land", "Land")], [("land", "Sea"), ("sea", "Land")]),
    "a chain of renames": ([("sea", "Sea"), ("land", "Land")], [("sea", "Land"), ("land", "Soil")]),
    "a chain of renames backwards": ([("a", "A"), ("b", "B"), ("c", "C")], [("a", "X"), ("b", "A"), ("c", "B")]),
    "a circle of three names": ([("a", "A"), ("b", "B"), ("c", "C")], [("a", "B"), ("b", "C"), ("c", "A")]),
    "a circle of three ids": ([("a", "A"), ("b", "B"), ("c", "C")], [("b", "A"), ("c", "B"), ("a", "C")]),
    "parent and child change places": (
        [("sea", "Sea"), ("tide", "Tide", "Sea")],
        [("sea", "Sea", "Tide"), ("tide", "Tide")],
    ),
    "three levels turn around": (
        [("a", "A"), ("b", "B", "A"), ("c", "C", "B")],
        [("a", "A", "B"), ("b", "B", "C"), ("c", "C")],
    ),
    "a swap below a parent that is renamed": (
        [("p", "P"), ("a", "A", "P"), ("b", "B", "P")],
        [("p", "Q"), ("a", "B", "Q"), ("b", "A", "Q")],
    ),
    "parent and child swap names": ([("a", "A"), ("b", "B", "A")], [("a", "B"), ("b", "A", "B")]),
    "a name moves to a new topic": ([("sea", "Sea")], [("sea", "Ocean"), ("seaside", "Sea")]),
    "an id moves to a new topic": ([("sea", "Sea")], [("ocean", "Sea"), ("sea", "Seaside")]),
    "a topic goes and another takes its name": ([("sea", "Sea"), ("land", "Land")], [("sea", "Land")]),
    "a topic goes and another takes its id": ([("sea", "Sea"), ("land", "Land")], [("land", "Sea")]),
    "a parent's file goes": ([("sea", "Sea"), ("tide", "Tide", "Sea")], [("tide", "Tide", "Sea")]),
    "a topic takes the name of its parent, whose file goes": (
        [("a", "A"), ("b", "B", "A")],
        [("b", "A")],
    ),
    "a topic goes that was below one which now goes below it": (
        [("a", "A"), ("b", "B", "A")],
        [("a", "A", "B")],
    ),
    "only letters' case changes": ([("sea", "Sea"), ("land", "sea")], [("sea", "sea"), ("land", "Sea")]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_taxonomy_is_written_as_a_set(change):
    before, after = CHANGES[change]
    import_site(*topic_files(*before))

    report = import_site(*topic_files(*after))

    assert (report.rejected, report.conflicts) == ([], 0)
    wanted = {slug: [name, above[0] if above else None] for slug, name, *above in after}
    assert {slug: found for slug, found in rows().items() if slug in wanted} == wanted


@pytest.mark.parametrize("change", CHANGES)
def test_the_order_of_reading_topics_does_not_matter(change):
    before, after = (topic_files(*topics) for topics in CHANGES[change])
    shuffled = random.Random(change)  # noqa: S311 (a test)
    import_site(*shuffled.sample(before, len(before)))

    import_site(*shuffled.sample(after, len(after)))

    wanted = {slug: [name, above[0] if above else None] for slug, name, *above in CHANGES[change][1]}
    assert {slug: found for slug, found in rows().items() if slug in wanted} == wanted


@pytest.mark.parametrize("change", CHANGES)
def test_topics_keep_the_articles_that_print_their_names(change):
    before, after = CHANGES[change]
    articles = [make_file(slug, source="site", topics=[name]) for slug, name, *_ in before]
    import_site(*topic_files(*before), *articles)

    import_site(*topic_files(*after), *articles)

    names = {name: slug for slug, name, *_ in after}
    for slug, name, *_ in before:
        (topic,) = Article.objects.with_topics().get(stem=slug).topic_list
        assert topic.slug == names.get(name, topic.slug)
    assert exported() == {file.name + ".md": file.data for file in articles}


STATES = st.dictionaries(
    st.sampled_from(["sea", "land", "air", "fire"]),
    st.tuples(st.sampled_from(["Sea", "Land", "Air", "Fire"]), st.sampled_from([None, "Sea", "Land", "Air", "Fire"])),
    min_size=1,
).filter(lambda state: len({name for name, _ in state.values()}) == len(state) and not _circular(state))


def _circular(state):
    above = dict(state.values())
    for name in above:
        seen = []
        while name and name not in seen:
            seen.append(name)
            name = above.get(name)
        if name:
            return True
    return False


class TopicSets(TestCase):
    @given(states=st.lists(st.tuples(STATES, st.randoms()), min_size=1, max_size=4))
    def test_topics_are_those_of_the_last_files_whatever_came_before(self, states):
        def files(state, order):
            found = topic_files(
                *((slug, name, *filter(None, [above])) for slug, (name, above) in sorted(state.items()))
            )
            return order.sample(found, len(found))

        def told(*found):
            report = import_site(*found)
            return report.rejected, report.conflicts

        articles = [make_file(name, source="site", topics=[name]) for name in ("Sea", "Land", "Air", "Fire")]
        for state, order in states:
            assert told(*files(state, order), *articles) == ([], 0)
            before = list(Topic.objects.order_by("pk").values()), list(TopicAlias.objects.order_by("pk").values())
            assert told(*files(state, order), *articles) == ([], 0)
            now = list(Topic.objects.order_by("pk").values()), list(TopicAlias.objects.order_by("pk").values())
            assert now == before
        last, former = states[-1][0], dict(TopicAlias.objects.exclude(name=None).values_list("name", "topic__name"))
        wanted = {slug: [name, former.get(above, above)] for slug, (name, above) in last.items()}
        assert {slug: found for slug, found in rows().items() if slug in last} == wanted
        assert exported() == {file.name + ".md": file.data for file in articles}


def test_a_topics_order_follows_its_files_name():
    import_site(topic_file("02-sea", "sea", "Sea"))

    import_site(topic_file("05-sea", "sea", "Sea"))

    assert Topic.objects.get().menu_order == 5


def test_an_editors_place_in_the_menu_stays_when_the_file_is_renamed():
    import_site(topic_file("02-sea", "sea", "Sea"))
    Topic.objects.update(menu_order=70)

    report = import_site(topic_file("05-sea", "sea", "Sea"))

    assert (Topic.objects.get().menu_order, Conflict.objects.open().get().field) == (70, "menu_order")
    assert report.conflicts == 1


TWICE = {
    "_id": [topic_file("02-sea", "sea", "Sea", "keywords:\n  - tide"), topic_file("05-sea", "sea", "Ocean")],
    "name": [topic_file("02-sea", "sea", "Sea"), topic_file("05-ocean", "ocean", "Sea")],
    "both": [topic_file("02-sea", "sea", "Sea"), topic_file("05-sea", "sea", "Sea")],
    "a name with an accent in two parts": [topic_file("02-a", "a", "Café"), topic_file("05-b", "b", "Cafe\u0301")],
}


@pytest.mark.parametrize("kind", TWICE)
def test_the_second_of_two_files_of_one_topic_is_rejected(kind):
    first, second = TWICE[kind]
    for files in ([first, second], [second, first], [first, second]):
        report = import_site(*files)

        (rejection,) = report.rejected
        assert rejection.path == second.path
        assert rejection.key == ("name" if "name" in kind else "_id")
        assert first.path in rejection.message
        assert Topic.objects.get().file_name == first.name


def test_topics_below_each_other_are_rejected_and_the_others_are_in():
    report = import_site(*topic_files(("a", "A", "B"), ("b", "B", "A"), ("c", "C"), ("d", "D", "D")))

    assert [(each.path[-7:], each.key, each.line) for each in report.rejected] == [
        ("02-b.yaml"[-7:], "parent", 4),
        ("04-d.yaml"[-7:], "parent", 4),
    ]
    assert rows() == {"a": ["A", "B"], "b": ["B", None], "c": ["C", None]}


def test_a_name_that_a_topic_of_no_file_here_keeps_is_rejected():
    import_site(topic_file("01-sea", "sea", "Sea", site="another"))
    Topic.objects.create(name="Ours", slug="ours", keywords=["an editor's"])

    report = import_site(*topic_files(("land", "Land"), ("air", "Air")))
    assert report.rejected == []

    report = import_site(*topic_files(("land", "Ours"), ("air", "Sky")))
    assert [(each.key, each.line) for each in report.rejected] == [("name", 3)]
    assert rows()["air"] == ["Sky", None]


def test_two_sites_with_a_topic_of_one_name_do_not_alternate():
    north = [topic_file("02-sea", "sea", "Sea", "parent: Coast", "keywords:\n  - tide", site="north")]
    south = [topic_file("02-sea", "sea", "Sea", "parent: Town", "keywords:\n  - harbour", site="south")]
    for found in (south + north, north + south, south, north):
        report = import_site(*found)

        assert (report.rejected, report.conflicts) == ([], 0)
        assert rows("keywords")["sea"] == ["Sea", "Coast", ["tide"]]


NAMES_OF_TWO_SITES = {  # the topics of a site, and of a second one: the names that both lead to one topic
    "one id": ([("sea", "Sea")], [("sea", "Ocean")], ["Sea", "Ocean"]),
    "one name": ([("sea", "Sea")], [("meer", "Sea")], ["Sea"]),
    "an id and a name": ([("sea", "Sea")], [("sea", "Ocean"), ("meer", "Ocean 2")], ["Sea", "Ocean"]),
    "a tree": (
        [("sea", "Sea"), ("tide", "Tide", "Sea")],
        [("sea", "Meer"), ("tide", "Gezeiten", "Meer")],
        ["Tide", "Gezeiten"],
    ),
    "a name of another": ([("sea", "Sea"), ("land", "Land")], [("sea", "Land")], ["Land"]),
}


@pytest.mark.parametrize("kind", NAMES_OF_TWO_SITES)
def test_names_of_a_second_site_lead_to_the_topic_of_the_first(kind):
    first, second, names = NAMES_OF_TWO_SITES[kind]
    files = [*topic_files(*first, site="north"), *topic_files(*second, site="south")]
    for _ in range(2):
        report = import_site(*files)

        assert (report.rejected, report.conflicts) == ([], 0)
        assert {slug for slug in rows() if slug in dict(row[:2] for row in first)} == {row[0] for row in first}
        assert len(set(Topic.objects.ensure(names).values())) == 1
    before = list(TopicAlias.objects.values())
    import_site(*files)
    assert list(TopicAlias.objects.values()) == before


def test_old_names_cost_an_import_no_more_queries(django_assert_num_queries):
    import_site(*topic_files(("sea", "Sea"), ("land", "Land")))
    import_site(*topic_files(("sea", "Ocean"), ("land", "Soil")))

    with django_assert_num_queries(1):
        found = Topic.objects.ensure(["Sea", "Ocean", "Land"])

    assert [found[name].slug for name in ("Sea", "Ocean", "Land")] == ["sea", "sea", "land"]


def test_an_article_may_print_a_topics_old_and_new_name():
    import_site(*topic_files(("sea", "Sea")))
    import_site(*topic_files(("sea", "Ocean")))
    file = make_file("a", source="site", topics=["Ocean", "Land", "Sea"])

    report = import_site(file)

    article = Article.objects.with_topics().get()
    assert [topic.name for topic in article.topic_list] == ["Ocean", "Land"]
    assert article.topic_names == ["Ocean", "Land", "Sea"]
    assert exported() == {"a.md": file.data}
    assert import_site(file).unchanged == report.created == 1


def test_a_topic_that_an_editor_renamed_follows_its_file_in_the_rest():
    import_site(topic_file("01-sea", "sea", "Sea"))
    topic = Topic.objects.get()
    topic.name, topic.slug = "Ocean", "ocean"
    topic.save()

    report = import_site(topic_file("01-sea", "sea", "Sea", "keywords:\n  - tide"))

    assert rows("keywords") == {"ocean": ["Ocean", None, ["tide"]]}
    assert (report.conflicts, report.rejected) == (0, [])


def test_what_refers_to_a_topic_follows_it_when_another_takes_its_place():
    article = make_file("a", source="site", topics=["Sea", "Land"])
    import_site(*topic_files(("sea", "Sea"), ("land", "Land")), article)
    child = Topic.objects.create(name="Child", slug="child", parent=Topic.objects.get(slug="land"))

    import_site(*topic_files(("sea", "Land")), article)

    child.refresh_from_db()
    assert child.parent == Topic.objects.get(slug="sea")
    assert Article.objects.get().topic_links.count() == 2
    assert exported() == {"a.md": article.data}


BROKEN = {  # files that cannot be read, or that contradict others
    "a tab": topic_file("02-land", "land", "Soil", "keywords:\n\t- x"),
    "no name": topic_file("02-land", "land", ""),
    "a name twice": topic_file("02-land", "land", "Land"),
    "an id twice": topic_file("02-land", "sea", "Soil"),
    "no text": topic_file("02-land", "land\x00", "Soil"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_topic_whose_file_is_broken_keeps_its_name(kind):
    import_site(*topic_files(("sea", "Sea"), ("land", "Land")))

    report = import_site(topic_file("01-sea", "sea", "Land"), BROKEN[kind], topic_file("03-air", "air", "Air"))

    assert {each.path[-8:-5] for each in report.rejected} == {"and", "sea"}
    assert rows() == {"sea": ["Sea", None], "land": ["Land", None], "air": ["Air", None]}

"""Stories of sites whose files list articles that do not list them back."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, DeletedArticle, RelatedLink, Story
from articles.sync.exporter import files as exported
from articles.sync.importer import import_files
from tests.factories import address, make_file, make_related

pytestmark = pytest.mark.django_db

STEMS = "abcdefgh"


def listing(stem, *others, **values):
    related = [make_related(other) for other in others]
    return make_file(stem, related=related or None, **values)


def together():
    """The sets of stems that are one story."""
    found = defaultdict(set)
    for article in Article.objects.all():
        found[article.story_id or f"alone {article.stem}"].add(article.stem)
    return {frozenset(stems) for stems in found.values()}


def partition(*groups):
    return {frozenset(group) for group in groups}


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({"a": "b", "b": ""}, ["ab"]),
        ({"a": "b", "b": "c", "c": ""}, ["abc"]),
        ({"a": "c", "b": "c", "c": ""}, ["abc"]),
        ({"a": "bc", "b": "a", "c": ""}, ["abc"]),
        ({"a": "bz", "b": "az", "c": "b"}, ["abc"]),
        ({"a": "a", "b": ""}, ["a", "b"]),
        ({"a": "bc", "b": "ac", "c": "ab", "d": "a", "e": "f", "f": "e"}, ["abcd", "ef"]),
        ({"a": "zy", "b": "zx", "c": ""}, ["a", "b", "c"]),
    ],
)
def test_articles_that_lists_connect_are_one_story(lists, expected):
    import_files([listing(stem, *others) for stem, others in lists.items()])

    assert together() == partition(*expected)


def test_a_list_that_is_taken_back_parts_what_it_joined():
    import_files([listing("a", "b"), listing("b"), listing("c", "b")])

    import_files([listing("a")])

    assert together() == partition("a", "bc")


def test_the_best_article_leads_whichever_file_lists_the_others():
    import_files([listing("b", "a", quality=60), listing("a", quality=90)])

    assert Story.objects.get().lead.stem == "a"


def test_two_articles_of_one_address_are_told_apart_by_title():
    twin = {"web_url": "https://gazette.example/twin"}
    import_files([listing("b", **twin), listing("c", **twin, title="Another title")])

    import_files([make_file("a", related=[make_related("c", web_url=twin["web_url"]) | {"title": "Another title"}])])

    assert together() == partition("ac", "b")


def test_an_article_with_the_address_of_one_that_a_list_means_is_not_joined():
    twin = make_file("x", web_url=address("b"))

    import_files([listing("b", "a", "z"), listing("a", "b", "z"), twin])

    assert together() == partition("ab", "x")


def test_an_article_that_an_editor_moved_is_not_joined_again():
    import_files([listing("a", "b"), listing("b")])
    Article.objects.filter(stem="b").update(story=None)

    import_files([listing("a", "b", title="New")])

    assert together() == partition("a", "b")


def test_a_listed_page_that_no_article_is_becomes_a_link_once():
    import_files([listing("a", "b", "z"), listing("b", "z"), listing("c", "b", "y")])

    links = RelatedLink.objects.values_list("web_url", flat=True)
    assert sorted(url[-1] for url in links) == ["y", "z"]


def test_a_removed_article_links_to_those_it_lists_and_joins_none():
    import_files([make_file("b"), make_file("a", related=[make_related("b")], removed=True)])

    assert RelatedLink.objects.get().target == Article.objects.get(stem="b")
    assert Article.objects.get(stem="b").story is None


def expected_partition(lists):
    """The connected components of the lists, taken as edges between the articles that are there."""
    groups = {stem: {stem} for stem in lists}
    for stem, others in lists.items():
        for other in others:
            if other in groups and groups[other] is not groups[stem]:
                joined = groups[stem] | groups[other]
                groups |= dict.fromkeys(joined, joined)
    return {frozenset(group) for group in groups.values()}


def forget():
    """Delete all articles and stories, and the memory of them."""
    Article.objects.all().delete()
    for model in (DeletedArticle, Story):
        model.objects.all().delete()


GRAPHS = st.fixed_dictionaries(
    {stem: st.lists(st.sampled_from([*STEMS, "x", "y"]), unique=True, max_size=4) for stem in STEMS}
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GRAPHS, GRAPHS, st.permutations(STEMS), st.integers(1, len(STEMS)))
def test_stories_depend_on_the_files_and_not_on_their_order(before, after, order, size):
    forget()
    files = {stem: listing(stem, *others, title=f"Old {stem}") for stem, others in before.items()}
    import_files([files[stem] for stem in order[:size]])
    files = {stem: listing(stem, *others) for stem, others in after.items()}
    for stem in reversed(order):
        import_files([files[stem]])

    assert together() == expected_partition(after)
    leads = Story.objects.exclude(lead=None).values_list("lead", flat=True)
    assert len(set(leads)) == len(leads)
    assert dict(exported(Article.objects.first().source)) == {stem: file.data for stem, file in files.items()}
    again = import_files(list(files.values()))
    assert (again.unchanged, again.updated) == (len(files), 0)


def without_address(item):
    return {name: value for name, value in item.items() if name != "web_url"}


def test_a_listed_video_without_an_address_is_found_by_title_and_time():
    video = make_file("v", web_url=None, type="video")
    listed = make_file("a", related=[without_address(make_related("v"))])

    import_files([listed])
    assert RelatedLink.objects.get().title == "Title of v"

    import_files([video])
    assert together() == partition("av")
    assert not RelatedLink.objects.exists()

"""Which articles belong together, and which of them leads."""

from datetime import UTC, datetime

import pytest

from articles.models import Article, Conflict, RelatedLink, Story
from articles.stories.leads import recompute
from articles.sync.importer import import_files
from tests.factories import (
    address,
    make_article,
    make_file,
    make_provider,
    make_related,
    make_story,
    make_story_files,
)

pytestmark = pytest.mark.django_db


def stories():
    """The stems of each story's articles, and its lead's first."""
    return sorted(
        [story.lead.stem if story.lead else None, *story.articles.order_by("stem").values_list("stem", flat=True)]
        for story in Story.objects.filter(merged_into=None)
    )


def test_files_that_list_each_other_are_one_story():
    report = import_files(make_story_files("a", "b", "c"))

    assert stories() == [["a", "a", "b", "c"]]
    assert report.stories == 1
    assert not RelatedLink.objects.exists()


def test_a_file_that_lists_nothing_is_in_no_story():
    import_files([make_file("a")])

    assert Article.objects.get().story is None


def test_the_best_article_leads_then_the_first_file_name():
    files = [
        *make_story_files("a", "b", quality=50),
        make_file("d", quality=70, related=[make_related("c"), make_related("e")]),
        make_file("c", quality=60, related=[make_related("d"), make_related("e")]),
        make_file("e", quality=70, related=[make_related("c"), make_related("d")]),
    ]

    import_files(files)

    assert stories() == [["a", "a", "b"], ["d", "c", "d", "e"]]


def test_a_longer_file_name_with_a_hyphen_comes_first():
    import_files(make_story_files("news", "news-update"))

    assert Story.objects.get().lead.stem == "news-update"


def test_one_address_at_two_articles_does_not_join_their_stories():
    shared = address("shared")
    import_files(
        [
            make_file("a", web_url=shared, related=[make_related("b")]),
            make_file("b", related=[make_related("a", web_url=shared)]),
            make_file("c", web_url=shared, related=[make_related("d")]),
            make_file("d", related=[make_related("c", web_url=shared)]),
        ]
    )

    assert stories() == [["a", "a", "b"], ["c", "c", "d"]]


def test_a_story_may_hold_one_address_twice():
    shared = address("shared")
    twins = [make_related("a", web_url=shared), make_related("b", web_url=shared)]
    import_files(
        [
            make_file("a", web_url=shared, related=[make_related("c"), make_related("b", web_url=shared)]),
            make_file("b", web_url=shared, related=[make_related("c"), make_related("a", web_url=shared)]),
            make_file("c", related=twins),
        ]
    )

    assert stories() == [["a", "a", "b", "c"]]
    assert not RelatedLink.objects.exists()


def test_a_story_keeps_its_identity_when_an_article_joins():
    import_files(make_story_files("a", "b"))
    story = Story.objects.get()

    import_files(make_story_files("a", "b", "c"))

    assert Story.objects.get() == story
    assert stories() == [["a", "a", "b", "c"]]


def test_a_story_that_splits_keeps_its_identity_with_most_of_its_articles():
    import_files(make_story_files("a", "b", "c", "d", "e"))
    story = Story.objects.get()

    import_files(make_story_files("a", "b", "c") + make_story_files("d", "e"))

    assert stories() == [["a", "a", "b", "c"], ["d", "d", "e"]]
    assert Article.objects.get(stem="a").story == story


def test_stories_that_merge_are_one():
    import_files(make_story_files("a", "b") + make_story_files("c", "d", "e"))

    import_files(make_story_files("a", "b", "c", "d", "e"))

    assert stories() == [["a", "a", "b", "c", "d", "e"]]


def test_an_article_whose_file_stops_listing_others_leaves_its_story():
    import_files(make_story_files("a", "b", "c"))

    import_files([make_file("c"), *make_story_files("a", "b")])

    assert stories() == [["a", "a", "b"]]
    assert Article.objects.get(stem="c").story is None


def test_a_story_that_no_file_lists_any_more_is_deleted():
    import_files(make_story_files("a", "b"))

    import_files([make_file("a"), make_file("b")])

    assert not Story.objects.exists()


def test_an_address_that_no_article_has_becomes_a_link():
    import_files([make_file("a", related=[make_related("outside", quality=49)])])

    link = RelatedLink.objects.get()
    assert (link.story.lead.stem, link.web_url, link.quality) == ("a", address("outside"), 49)
    assert link.target is None


def test_a_listed_article_joins_when_it_arrives():
    import_files([make_file("a", related=[make_related("b")])])

    import_files([make_file("b")])

    assert stories() == [["a", "a", "b"]]
    assert not RelatedLink.objects.exists()


def test_a_file_that_lists_a_known_article_joins_it():
    import_files([make_file("b"), make_file("a", related=[make_related("b")])])

    assert stories() == [["a", "a", "b"]]
    assert not RelatedLink.objects.exists()


def test_a_linked_article_that_lists_the_story_replaces_the_link():
    import_files([make_file("a", related=[make_related("b")])])

    import_files([make_file("b", related=[make_related("a")])])

    assert stories() == [["a", "a", "b"]]
    assert not RelatedLink.objects.exists()


def test_a_story_imported_file_by_file_is_the_same_as_at_once():
    for file in make_story_files("c", "a", "b"):
        import_files([file])

    assert stories() == [["a", "a", "b", "c"]]
    assert not RelatedLink.objects.exists()


def test_a_link_detaches_when_the_article_moves_to_another_address():
    import_files([make_file("b"), make_file("a", related=[make_related("b")])])

    import_files([make_file("b", web_url=address("moved"))])

    assert RelatedLink.objects.get().target is None


def test_stories_of_two_sites_stay_separate():
    import_files(make_story_files("a", "b", source="north") + make_story_files("a", "b", source="south"))

    assert Story.objects.count() == 2


def test_an_import_makes_the_stories_that_a_stopped_one_left(monkeypatch):
    files = make_story_files("a", "b")
    monkeypatch.setattr("articles.stories.grouping.regroup", lambda *arguments: 0)
    import_files(files)
    monkeypatch.undo()

    import_files(files)

    assert stories() == [["a", "a", "b"]]


def test_files_without_a_story_leave_an_editors_story_alone():
    article = make_article(stem="a")
    story = make_story(article, make_article(stem="b"))

    import_files([make_file("a", title="New")])

    article.refresh_from_db()
    assert article.story == story


def test_a_published_article_leads_before_a_better_one_that_is_not():
    better, published = make_article(quality=90, published=False), make_article(quality=60)
    story = make_story(better)
    Article.objects.filter(pk=published.pk).update(story=story)

    recompute([story.pk])

    story.refresh_from_db()
    assert story.lead == published


def test_a_removed_article_never_leads():
    story = make_story(make_article(removed=True))

    recompute([story.pk])

    story.refresh_from_db()
    assert story.lead is None


def test_a_lead_that_moves_to_another_story_leads_there():
    mover, left = make_article(quality=90), make_article(quality=50)
    old = make_story(mover)
    new = make_story(make_article(quality=60))
    Article.objects.filter(pk=left.pk).update(story=old)
    Article.objects.filter(pk=mover.pk).update(story=new)

    recompute([old.pk, new.pk])

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.lead, new.lead) == (left, mover)


def test_an_article_that_an_editor_moved_stays_where_it_is_when_its_story_grows():
    import_files(make_story_files("a", "b", "c"))
    other = make_story(make_article())
    Article.objects.filter(stem="b").update(story=other)

    report = import_files(make_story_files("a", "b", "c", "d"))

    assert Article.objects.get(stem="b").story == other
    assert stems_of(Article.objects.get(stem="a").story) == ["a", "c", "d"]
    assert report.conflicts == 0  # its file's story is the same one


def test_files_that_put_a_moved_article_into_another_story_conflict_with_its_editor():
    import_files([*make_story_files("a", "b"), *make_story_files("x", "y")])
    before = Article.objects.get(stem="b").story_id
    other = make_story(make_article())
    Article.objects.filter(stem="b").update(story=other)

    report = import_files([make_file("a"), *make_story_files("b", "x", "y")])

    (conflict,) = Conflict.objects.open()
    theirs = Article.objects.get(stem="x").story_id
    assert Article.objects.get(stem="b").story == other
    assert report.conflicts == 1
    assert (conflict.article.stem, conflict.field) == ("b", "story")
    assert (conflict.base, conflict.ours, conflict.theirs) == (before, other.pk, theirs)
    assert import_files([make_file("a"), *make_story_files("b", "x", "y", quality=75)]).conflicts == 0
    assert Conflict.objects.open().count() == 1


def test_an_editors_link_survives_an_import_of_others():
    import_files([make_file("a", related=[make_related("out"), make_related("off")])])
    story = Story.objects.get()
    out = make_provider("mine.example")
    RelatedLink.objects.create(story=story, title="Mine", web_url="https://mine.example/", provider=out, position=9)
    story.links.filter(title="Title of off").update(title="An editor's")

    import_files([make_file("a", related=[make_related("off"), make_related("new")])])

    assert sorted(story.links.values_list("title", flat=True)) == ["An editor's", "Mine", "Title of new"]
    assert not Conflict.objects.exists()


def test_a_link_that_both_sides_changed_is_a_conflict_and_stays_the_editors():
    import_files([make_file("a", related=[make_related("out")])])
    link = RelatedLink.objects.get()
    RelatedLink.objects.update(title="An editor's")

    import_files([make_file("a", related=[{**make_related("out"), "title": "The file's"}])])

    (conflict,) = Conflict.objects.open()
    assert RelatedLink.objects.get(pk=link.pk).title == "An editor's"
    assert [three[0]["title"] for three in (conflict.base, conflict.ours, conflict.theirs)] == [
        "Title of out",
        "An editor's",
        "The file's",
    ]


def test_an_editors_links_keep_a_story_that_all_articles_leave():
    import_files(make_story_files("a", "b"))
    story = Story.objects.get()
    RelatedLink.objects.create(story=story, title="Mine", web_url="https://m.example/", provider=make_provider())

    import_files([make_file("a"), make_file("b")])

    assert RelatedLink.objects.get().story == story


def stems_of(story):
    return sorted(story.articles.values_list("stem", flat=True))


def test_a_better_article_with_a_future_date_does_not_hide_its_story():
    lead = make_article(quality=70)
    story = make_story(lead, make_article(quality=60))
    ahead = make_article(quality=90, published_at=datetime(2999, 1, 1, tzinfo=UTC), story=story)

    recompute([story.pk])
    assert Story.objects.get().lead == lead

    Article.objects.filter(pk=ahead.pk).update(published_at=lead.published_at)
    recompute([story.pk])
    assert Story.objects.get().lead == ahead


def test_a_new_lead_counts_as_changed():
    lead, better = make_article(quality=70), make_article(quality=60)
    story = make_story(lead, better)
    Article.objects.update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    recompute([story.pk])
    assert not Article.objects.filter(updated_at__year__gt=2020).exists()

    Article.objects.filter(pk=better.pk).update(quality=99, published=True)
    recompute([story.pk])

    assert Article.objects.get(updated_at__year__gt=2020) == better

"""Outlets, and topics, that are the same are merged: everything follows, imports and exports keep to it, undo."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from articles.models import (
    Article,
    ArticleTopic,
    Conflict,
    Pin,
    Provider,
    ProviderAlias,
    ProviderImage,
    RelatedLink,
    Topic,
    TopicAlias,
)
from articles.stories import undo, uniting
from articles.stories.restoring import UndoError
from articles.sync import exporter
from tests.factories import make_article, make_file, make_related, make_source
from tests.sync.taxonomies import import_site, organization_file, topic_file, topic_files

pytestmark = pytest.mark.django_db
UNTOLD = {"action", "actionrow", "importrun", "reindexrequest", "searchentry"}


@pytest.fixture
def editor():
    return User.objects.create_superuser("ed")


def tables():
    """All rows of the site, by model, but what records, and when articles were updated."""
    return {
        model._meta.model_name: sorted(
            model._base_manager.values_list(
                *(f.attname for f in model._meta.concrete_fields if f.name != "updated_at")
            ),
            key=repr,
        )
        for model in apps.get_app_config("articles").get_models()
        if model._meta.model_name not in UNTOLD
    }


def outlet(name, domain):
    return {"provider": {"name": name, "domain": domain}}


def exported():
    return dict(exporter.files(make_source("site")))


def merged(model, kept, *others, user=None):
    key = "domain" if model is Provider else "name"
    rows = [model.objects.get(**{key: value}) for value in (kept, *others)]
    return uniting.merge(rows[0], rows[1:], user or User.objects.first())


OUTLETS = {
    "with www": ("gazette.example", "www.gazette.example"),
    "the other way round": ("www.gazette.example", "gazette.example"),
    "another ending": ("gazette.example", "gazette.co.example"),
    "letters of other scripts": ("bücher.example", "www.bücher.example"),
}


@pytest.fixture(params=OUTLETS)
def outlets(request, editor):
    """Two outlets with articles, links, logos, pins and a file, and the files."""
    kept, gone = OUTLETS[request.param]
    logo = {"images": [{"url": "https://i.example/logo.png"}]}
    linked = make_related("outside") | outlet("Link", gone.upper())
    files = [
        make_file("a", source="site", **outlet("Gazette", kept), published=True),
        make_file("b", source="site", provider={"name": "GAZETTE", "domain": gone, **logo}, published=True),
        make_file("c", source="site", **outlet("Other", "other.example"), related=[linked], published=True),
    ]
    import_site(*files, organization_file(gone, "The old Gazette", "description: Old"))
    Pin.objects.create(
        article=Article.objects.get(stem="b"), provider=Provider.objects.get(domain=gone), reason="Because"
    )
    return kept, gone, files


def test_all_of_an_outlet_follows_a_merge_and_its_addresses_lead_on(client, outlets, editor):
    kept, gone, _ = outlets

    action = merged(Provider, kept, gone)

    row = Provider.objects.get(domain=kept)
    assert not Provider.objects.filter(domain=gone).exists()
    assert {row.articles.count(), row.pins.count() + 1, row.images.count() + 1} == {2}
    assert row.related_links.count() == 1
    assert "1 article" in action.what
    for page in ("", "scorecard/?period=week", "rss.xml", "atom.xml", "feed.json"):
        found = client.get(f"/providers/{gone}/{page}")
        assert found.status_code == 301
        again = client.get(found["Location"])
        assert again.status_code == 200, found["Location"]


def test_an_import_after_a_merge_of_outlets_goes_to_the_one_that_was_kept(outlets, editor):
    kept, gone, files = outlets
    merged(Provider, kept, gone)
    before = tables()

    assert import_site(*files, organization_file(gone, "The old Gazette", "description: Old")).conflicts == 0
    assert tables() == before
    new = make_file("d", source="site", **outlet("GAZETTE", gone))
    changed = make_file("b", source="site", title="Changed", published=True, **outlet("GAZETTE", gone))
    report = import_site(files[0], changed, files[2], new, organization_file(gone, "Newer", "description: New"))

    assert (report.conflicts, report.rejected) == (0, [])
    assert set(Provider.objects.values_list("domain", flat=True)) == {kept, "other.example"}
    assert Provider.objects.get(domain=kept).articles.count() == 3
    assert Article.objects.get(stem="b").title == "Changed"
    assert {"b.md": exported()["b"], "d.md": exported()["d"]} == {"b.md": changed.data, "d.md": new.data}


def test_an_export_after_a_merge_of_outlets_has_every_files_own_bytes(outlets, editor):
    kept, gone, files = outlets
    merged(Provider, kept, gone)

    assert exported() == {file.name: file.data for file in files}

    Article.objects.filter(stem="b").update(title="Edited")
    assert exported()["b"] == files[1].data.replace(b"Title of b", b"Edited")


def test_undoing_a_merge_of_outlets_restores_every_table_and_takes_along_what_came_since(outlets, editor):
    kept, gone, files = outlets
    before = tables()
    action = merged(Provider, kept, gone)
    after = tables()

    undone = undo.undo(action, editor)
    assert tables() == before
    again = undo.undo(undone, editor)
    assert {name: len(rows) for name, rows in tables().items()} == {name: len(rows) for name, rows in after.items()}
    assert Provider.objects.get(domain=kept).articles.count() == 2

    new = make_file("d", source="site", **outlet("GAZETTE", gone))
    import_site(*files, new)
    undo.undo(again, editor)
    assert set(Provider.objects.get(domain=gone).articles.values_list("stem", flat=True)) == {"b", "d"}
    assert exported() == {file.name: file.data for file in [*files, new]}
    assert not Article.objects.exclude(provider_domain="").exists()


def test_merges_of_merged_outlets_lead_straight_on_and_are_undone_one_after_the_other(client, editor):
    names = ["a.example", "b.example", "c.example"]
    files = [make_file(f"f{name[0]}", source="site", **outlet("X", name), published=True) for name in names]
    import_site(*files)
    before = tables()
    first = merged(Provider, "b.example", "c.example")
    second = merged(Provider, "a.example", "b.example")

    assert [client.get(f"/providers/{name}/")["Location"] for name in names[1:]] == ["/providers/a.example/"] * 2
    assert exported() == {file.name: file.data for file in files}
    with pytest.raises(UndoError) as stands:
        undo.undo(first, editor)
    assert stands.value.in_the_way == second
    undo.undo(second, editor)
    undo.undo(first, editor)
    assert tables() == before


TOPICS = {
    "case": ("Boats", "boats"),
    "plural": ("Ferries", "Ferry"),
    "spacing": ("Data Center", "Datacenter"),
    "accents in files as no keyboard writes them": ("Cafes", "Café"),
}


@pytest.fixture(params=TOPICS)
def topics(request, editor):
    """Two topics with articles, a subtopic, a former name, a pin and files, and the files."""
    kept, gone = TOPICS[request.param]
    article = {"source": "site", "published": True}
    files = [
        make_file("a", **article, topics=[kept]),
        make_file("b", **article, topics=[gone, "Sea"]),
        make_file("c", **article, topics=[gone, kept]),
        make_file("d", **article, topics=["Former"]),
    ]
    import_site(*files[3:], *topic_files(("kept", kept), ("gone", "Former"), ("below", "Below", "Former")))
    of_topics = topic_files(("kept", kept), ("gone", gone), ("below", "Below", gone))
    import_site(*files, *of_topics)
    Pin.objects.create(article=Article.objects.get(stem="b"), topic=Topic.objects.get(slug="gone"), reason="Because")
    Conflict.objects.create(topic=Topic.objects.get(slug="gone"), field="shortname", base="", ours="a", theirs="b")
    return kept, gone, [*files, *of_topics]


def test_all_of_a_topic_follows_a_merge_and_its_addresses_lead_on(client, topics, editor):
    kept, gone, _ = topics

    merged(Topic, kept, gone)

    row = Topic.objects.get(name=kept)
    assert (row.article_links.count(), row.children.get().name, row.pins.count()) == (5, "Below", 1)
    assert [topic.name for topic in Article.objects.with_topics().get(stem="c").topic_list] == [kept]
    for page in ("/topics/{}/", "/topics/{}/?order=latest", "/topics/{}/rss.xml", "/api/news/{}/index.json"):
        found = client.get(page.format("gone"))
        assert (found.status_code, found["Location"]) == (301, page.format("kept"))
        assert client.get(found["Location"]).status_code == 200


def test_an_import_after_a_merge_of_topics_goes_to_the_one_that_was_kept(topics, editor):
    kept, gone, files = topics
    merged(Topic, kept, gone)
    before = tables()

    report = import_site(*files)
    assert (report.conflicts, report.rejected, tables()) == (0, [], before)
    new = [
        make_file("e", source="site", topics=[gone, "Former"]),
        topic_file("04-under", "under", "Under", f"parent: {gone}"),
    ]
    renamed = topic_file("02-gone", "gone", "Called otherwise", "menu_order: 7")
    report = import_site(*(file for file in files if file.name != "02-gone"), renamed, *new)

    assert (report.conflicts, report.rejected) == (0, [])
    assert set(Topic.objects.values_list("name", flat=True)) == {kept, "Sea", "Below", "Under"}
    assert {topic.name for topic in Topic.objects.get(name=kept).children.all()} == {"Below", "Under"}
    assert Topic.objects.ensure(["Called otherwise"])["Called otherwise"].name == kept
    import_site(*(file for file in files if file.name != "02-gone"), topic_file("02-x", "x", "Called otherwise"))
    assert Topic.objects.count() == 4
    assert exported() == {file.name: file.data for file in [*files, *new] if "_news/" in file.path}


def test_undoing_a_merge_of_topics_restores_every_table_and_takes_along_what_came_since(topics, editor):
    kept, gone, files = topics
    before = tables()
    action = merged(Topic, kept, gone)

    undone = undo.undo(action, editor)
    assert tables() == before
    again = undo.undo(undone, editor)
    assert ArticleTopic.objects.filter(tag__name=kept).count() == 5
    assert exported() == {file.name: file.data for file in files if "_news/" in file.path}

    new = make_file("e", source="site", topics=[gone])
    import_site(*files, new)
    undo.undo(again, editor)
    assert set(ArticleTopic.objects.filter(tag__slug="gone").values_list("content_object__stem", flat=True)) == {
        *"bcde"
    }
    assert import_site(*files, new).conflicts == 0


def test_a_topic_is_merged_with_those_above_and_below_it(editor):
    levels = topic_files(("a", "A"), ("b", "B", "A"), ("c", "C", "B"))
    for kept, gone, trees in (
        ("B", "A", {("B", None), ("C", "B")}),
        ("C", "A", {("C", None), ("B", "C")}),
        ("A", "B", {("A", None), ("C", "A")}),
        ("A", "C", {("A", None), ("B", "A")}),
        ("C", "B", {("A", None), ("C", "A")}),
    ):
        import_site(*levels)
        before = tables()
        action = merged(Topic, kept, gone)
        assert set(Topic.objects.values_list("name", "parent__name")) == trees, (kept, gone)

        report = import_site(*levels)

        assert (report.rejected, set(Topic.objects.values_list("name", "parent__name"))) == ([], trees), (kept, gone)
        undo.undo(action, editor)
        assert tables() == before


def test_what_was_merged_cannot_come_back_while_its_name_is_taken(editor):
    import_site(make_file("a", source="site", topics=["A", "B"]))
    action = merged(Topic, "A", "B")
    Topic.objects.create(name="B", slug="again")

    with pytest.raises(UndoError, match="same name"):
        undo.undo(action, editor)

    assert ArticleTopic.objects.filter(tag__slug="again").count() == 1


def test_many_are_merged_at_once_and_undone_at_once(editor):
    topics = [Topic.objects.create(name=f"T{n}", slug=f"t{n}") for n in range(5)]
    for topic in topics:
        make_article(topics=[topic])
    before = tables()

    action = uniting.merge(topics[0], topics[1:], editor)

    assert action.what == "Merged the topics “T1”, “T2” and 2 others into “T0”: 4 articles"
    assert (topics[0].article_links.count(), TopicAlias.objects.count()) == (5, 8)
    undo.undo(action, editor)
    assert tables() == before


def test_what_is_gone_or_alone_cannot_be_merged(editor):
    one, other = (Topic.objects.create(name=name, slug=name) for name in "ab")
    for kept, others in ((one, [one]), (one, [])):
        with pytest.raises(uniting.UnitingError, match="Choose"):
            uniting.merge(kept, others, editor)
    Topic.objects.filter(pk=other.pk).delete()
    with pytest.raises(uniting.UnitingError, match="gone"):
        uniting.merge(one, [other], editor)


def test_logos_of_an_outlet_that_has_none_come_along(editor):
    one, other = (Provider.objects.create(domain=f"{name}.example", name=name) for name in "ab")
    ProviderImage.objects.create(provider=other, url="https://i.example/b.png")
    uniting.merge(one, [other], editor)
    assert one.images.get().url == "https://i.example/b.png"
    assert (ProviderAlias.objects.get().provider, RelatedLink.objects.count()) == (one, 0)

"""Files to rows."""

from datetime import UTC, datetime

import pytest

from articles.frontmatter import Kind
from articles.models import Article, Conflict, ImportedFile, Provider, Source, Topic
from articles.sync.found import FoundFile, Rejection
from articles.sync.importer import import_files
from tests.factories import make_article, make_file

pytestmark = pytest.mark.django_db


def topic_file(name="02-tides", text="taxonomy: topic\n_id: tides\nname: Tides\nparent: Harbour\n"):
    return FoundFile(f"_data/topics/{name}.yaml", Kind.TOPIC, "harbour", name, text.encode())


def organization_file(domain="gazette.example", text=None):
    text = text or f"---\ntaxonomy: organization\n_id: {domain}\nname: The Gazette\ndomain: {domain}\n---\n"
    return FoundFile(f"_data/organizations/{domain}.md", Kind.ORGANIZATION, "harbour", domain, text.encode())


def test_a_new_file_becomes_an_article():
    report = import_files([make_file("a", title="Ferries", heat=-1)])

    article = Article.objects.get(source__name="harbour", stem="a")
    assert (report.files, report.created) == (1, 1)
    assert (article.title, article.heat) == ("Ferries", -1)


def test_an_unchanged_file_writes_nothing_but_the_imports_record(django_assert_max_num_queries):
    import_files([make_file("a")])
    before = Article.objects.values().get()

    with django_assert_max_num_queries(20) as queries:
        report = import_files([make_file("a")])

    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert Article.objects.values().get() == before
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert all('"articles_importrun"' in sql for sql in written)


def test_a_changed_file_replaces_the_articles_values():
    import_files([make_file("a", title="Before", excerpt="Long", original_url="https://a.example/")])

    report = import_files([make_file("a", title="After")])

    article = Article.objects.get()
    assert report.updated == 1
    assert (article.title, article.excerpt, article.original_url) == ("After", "", "")


def test_a_file_that_returns_to_an_older_version_is_imported():
    for title in ("One", "Two", "One"):
        report = import_files([make_file("a", title=title)])

    assert report.updated == 1
    assert Article.objects.get().title == "One"


def test_only_secured_changed_leaves_the_article_alone_and_keeps_the_new_text():
    import_files([make_file("a", secured="one;1")])
    before = Article.objects.values().get()

    report = import_files([make_file("a", secured="two;2")])

    assert report.unchanged == 1
    assert Article.objects.values().get() == before
    assert ImportedFile.objects.get().secured == "two;2"


def test_only_line_ends_changed_leaves_the_article_alone():
    import_files([make_file("a", crlf=True)])

    report = import_files([make_file("a")])

    assert report.unchanged == 1
    assert not ImportedFile.objects.get().crlf


def test_a_version_without_scores_is_published_and_has_no_heat():
    import_files([make_file("a", quality=90, heat=110, published=True)])

    import_files([make_file("a", title="New", quality=None, heat=None, published=None)])

    article = Article.objects.get()
    assert (article.title, article.quality, article.heat, article.published) == ("New", 0, None, True)


def test_a_version_that_brings_scores_back_wins():
    import_files([make_file("a", quality=None, heat=None, published=None)])

    import_files([make_file("a", quality=90, heat=60, published=False)])

    article = Article.objects.get()
    assert (article.quality, article.heat, article.published) == (90, 60, False)


def test_an_editor_who_unpublished_an_article_without_scores_is_not_overruled():
    import_files([make_file("a", quality=None, heat=None, published=None)])
    Article.objects.update(published=False)

    import_files([make_file("a", title="New", quality=None, heat=None, published=None)])

    assert not Article.objects.get().published


def test_a_new_article_without_scores_is_published_and_has_no_heat():
    import_files([make_file("a", quality=None, heat=None, published=None)])

    article = Article.objects.get()
    assert (article.published, article.heat, article.heat_score) == (True, None, 0)


def test_the_same_stem_in_two_sites_is_two_articles():
    import_files([make_file("a", source="north"), make_file("a", source="south")])

    assert Article.objects.filter(stem="a").count() == 2


def test_importing_one_site_changes_nothing_of_another():
    import_files([make_file("a", source="north", title="North")])
    before = Article.objects.values().get()

    import_files([make_file("a", source="south", title="South")])

    assert Article.objects.filter(source__name="north").values().get() == before


def test_source_overrides_the_folder():
    import_files([make_file("a", source="folder")], source="told")

    assert Source.objects.get().name == "told"


def test_an_import_rejects_a_bad_file_and_takes_the_others():
    bad = FoundFile("_news/bad.md", Kind.ARTICLE, "harbour", "bad", b"---\ntitle: [1]\n---\n")

    report = import_files([make_file("a"), bad, make_file("b")])

    assert str(report.rejected[0]) == "_news/bad.md:2: title: expected a single value, found 'a list'"
    assert report.created == 2
    assert report.files == 3


def test_counts_add_up_to_the_files():
    import_files([make_file("a"), make_file("b")])

    report = import_files([make_file("a"), make_file("b", title="New"), make_file("c"), Rejection("x", "no")])

    total = report.created + report.updated + report.unchanged + len(report.rejected)
    assert (report.created, report.updated, report.unchanged, total) == (1, 1, 1, report.files)


def test_a_dry_run_keeps_nothing_and_reports_all():
    report = import_files([make_file("a"), topic_file()], dry_run=True)

    assert report.created == 1
    assert not Article.objects.exists()
    assert not Topic.objects.exists()


def test_topics_keep_their_order():
    import_files([make_file("a", topics=["Tides", "Harbour", "Birds"])])

    article = Article.objects.with_topics().get()
    assert [topic.name for topic in article.topic_list] == ["Tides", "Harbour", "Birds"]


def test_topics_follow_the_file():
    import_files([make_file("a", topics=["Tides", "Harbour"])])

    import_files([make_file("a", topics=["Harbour", "Birds"])])

    assert [topic.name for topic in Article.objects.with_topics().get().topic_list] == ["Harbour", "Birds"]


def test_images_follow_the_file_and_keep_their_cached_copies():
    kept, gone = {"url": "https://i.example/1.jpg"}, {"url": "https://i.example/2.jpg"}
    import_files([make_file("a", images=[gone, kept])])
    Article.objects.get().images.filter(url=kept["url"]).update(file="pictures/ours.webp")

    import_files([make_file("a", images=[{**kept, "width": 640}])])

    image = Article.objects.get().images.get()
    assert (image.url, image.width, image.file.name) == (kept["url"], 640, "pictures/ours.webp")


def test_an_absent_key_clears_images():
    import_files([make_file("a", images=[{"url": "https://i.example/1.jpg"}])])

    import_files([make_file("a", title="New")])

    assert not Article.objects.get().images.exists()


def test_a_domain_is_one_provider_whatever_files_call_it():
    import_files(
        [
            make_file("a", provider={"name": "Gazette%2c Inc.", "domain": "gazette.example"}),
            make_file("b", provider={"name": "Gazette, Inc.", "domain": "gazette.example"}),
        ]
    )

    assert Provider.objects.get().name == "Gazette, Inc."
    assert sorted(Article.objects.values_list("provider_name", flat=True)) == ["Gazette%2c Inc.", "Gazette, Inc."]


def test_a_site_has_its_own_logo_of_a_provider():
    logo = [{"url": "https://north.example/logo.jpg", "width": 50, "height": 50}]
    import_files(
        [
            make_file("a", source="north", provider={"name": "G", "domain": "g.example", "images": logo}),
            make_file("a", source="south", provider={"name": "G", "domain": "g.example"}),
        ]
    )

    assert [(i.source.name, i.url) for i in Provider.objects.get().images.all()] == [("north", logo[0]["url"])]


def test_unknown_keys_are_kept():
    file = make_file("a", extra={"editorNote": "later"})

    import_files([file])

    assert Article.objects.get().extra == {"editorNote": "later"}


def test_topic_files_fill_topics_in_any_order():
    import_files([make_file("a", topics=["Tides"]), topic_file()])

    topic = Topic.objects.get(name="Tides")
    assert (topic.slug, topic.parent.name, topic.menu_order) == ("tides", "Harbour", 2)
    assert Topic.objects.count() == 2


def test_a_topic_file_renames_by_its_slug():
    import_files([topic_file()])

    import_files([topic_file(text="_id: tides\nname: Tides and currents\n")])

    topic = Topic.objects.get(slug="tides")
    assert (topic.name, topic.parent) == ("Tides and currents", None)


def test_a_topic_that_takes_anothers_name_is_rejected():
    import_files([topic_file(), topic_file(text="_id: birds\nname: Birds\n")])

    report = import_files([topic_file(text="_id: birds\nname: Tides\n")])

    assert report.rejected[0].key == "name"
    assert Topic.objects.get(slug="birds").name == "Birds"


@pytest.mark.parametrize("parent", ["Tides", "Neap tides"])
def test_a_topic_below_itself_is_rejected(parent):
    import_files([topic_file(), topic_file(text="_id: neap\nname: Neap tides\nparent: Tides\n")])

    report = import_files([topic_file(text=f"_id: tides\nname: Tides\nparent: {parent}\n")])

    assert report.rejected[0].key == "parent"
    assert Topic.objects.get(slug="tides").parent.name == "Harbour"


def test_topics_whose_names_have_no_slug_get_one_of_their_own():
    import_files([make_file("a", topics=["潮汐", "海鳥"])])

    assert len(set(Topic.objects.values_list("slug", flat=True)) - {""}) == 2


def test_organization_files_fill_providers():
    text = (
        "---\nname: The Gazette\ndomain: gazette.example\notherNames:\n  - Gazette\ndescription: A paper.\n"
        "images:\n  - url: /logo.jpg\n    width: 50\n    height: 50\n---\n"
    )
    import_files([make_file("a"), organization_file(text=text)])

    provider = Provider.objects.get()
    assert (provider.other_names, provider.description, provider.is_organization) == (["Gazette"], "A paper.", True)
    assert provider.images.get(source=None).url == "/logo.jpg"


def test_an_editors_topics_and_organizations_stay_until_their_files_change():
    import_files([topic_file(), organization_file()])
    Topic.objects.filter(slug="tides").update(keywords=["ours"])
    Provider.objects.update(name="Ours")

    import_files([topic_file(), organization_file()])

    assert Topic.objects.get(slug="tides").keywords == ["ours"]
    assert Provider.objects.get().name == "Ours"


def test_the_first_file_of_an_editors_article_raises_conflicts():
    make_article("Ours", stem="a")

    report = import_files([make_file("a", title="Theirs")])

    conflict = Conflict.objects.open().get(field="title")
    assert report.updated == 1
    assert (Article.objects.get().title, conflict.base, conflict.ours, conflict.theirs) == (
        "Ours",
        None,
        "Ours",
        "Theirs",
    )


def test_a_document_without_a_name_is_named_by_date_and_title():
    unnamed = make_file("", title="Ferries & Tides™", published_at=datetime(2026, 3, 4, tzinfo=UTC))

    import_files([unnamed])

    assert Article.objects.get().stem == "2026-03-04-ferries-tides"


def test_an_import_of_several_batches_is_complete():
    report = import_files(make_file(f"a-{n}") for n in range(1201))

    assert (report.created, Article.objects.count()) == (1201, 1201)

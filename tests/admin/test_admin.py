"""The editors' desk."""

import json
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from articles.admin import base
from articles.frontmatter import Kind
from articles.models import (
    Article,
    ArticleImage,
    Change,
    Conflict,
    DeletedArticle,
    ImportedFile,
    ImportRun,
    Provider,
    RelatedLink,
    Story,
    Topic,
)
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import (
    make_article,
    make_file,
    make_provider,
    make_related,
    make_source,
    make_story,
    make_story_files,
    make_topic,
)

pytestmark = pytest.mark.django_db

MODELS = ["article", "provider", "topic", "story", "relatedlink", "source"]
RECORDS = ["importrun", "conflict", "deletedarticle"]


@pytest.fixture
def editor_client(client):
    """Logged in with every permission on the news but that for secured texts."""
    user = User.objects.create_user("ed", is_staff=True)
    of_news = Permission.objects.filter(content_type__app_label="articles")
    user.user_permissions.set(of_news.exclude(codename="view_secured"))
    client.force_login(user)
    return client


@pytest.fixture
def one_of_each():
    article = make_article(topics=[make_topic("Harbour")])
    story = make_story(article, make_article())
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg")
    link = RelatedLink.objects.create(
        story=story, title="Out", web_url="https://o.example/", provider=make_provider("o.example")
    )
    return {
        "article": article,
        "provider": article.provider,
        "topic": Topic.objects.get(),
        "story": story,
        "relatedlink": link,
        "source": article.source,
    }


def form_data(response):
    """What a browser would send back from a page's form if nobody touched it."""
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            names = [bound.html_name, *([bound.html_initial_name] if bound.field.show_hidden_initial else [])]
            value = bound.value()
            for name in names:
                if hasattr(bound.field.widget, "decompress"):
                    for part, piece in enumerate(bound.field.widget.decompress(value)):
                        data[f"{name}_{part}"] = "" if piece is None else str(piece)
                elif value is True:
                    data[name] = "on" if name == bound.html_name else "True"
                elif value is not None and value is not False:
                    data[name] = str(value).replace("\r\n", "\n").replace("\n", "\r\n")
    return data


def change(client, instance, **values):
    """Save an admin form with some of its values changed."""
    url = reverse(f"admin:articles_{instance._meta.model_name}_change", args=[instance.pk])
    data = form_data(client.get(url)) | values
    response = client.post(url, {key: value for key, value in data.items() if value is not None})
    assert response.status_code == 302, response.context["errors"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add", "change"])
def test_every_list_and_form_opens(editor_client, one_of_each, model, page):
    arguments = [one_of_each[model].pk] if page == "change" else []

    assert editor_client.get(reverse(f"admin:articles_{model}_{page}", args=arguments)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_searched(editor_client, one_of_each, model):
    address = reverse(f"admin:articles_{model}_changelist")

    assert editor_client.get(address, {"q": "harbour x"}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_a_fixed_number_of_queries(admin_client, model, django_assert_max_num_queries):
    for n in range(60):
        lead = make_article(
            provider=make_provider(f"{n}.example"), topics=[make_topic(f"T{n}")], source=make_source(f"s{n}")
        )
        story = make_story(lead, make_article())
        RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=lead.provider)

    with django_assert_max_num_queries(12):
        admin_client.get(reverse(f"admin:articles_{model}_changelist"))


def test_an_articles_form_costs_a_fixed_number_of_queries(admin_client, django_assert_max_num_queries):
    article = make_article(topics=[make_topic(f"T{n}") for n in range(9)])
    make_story(article, *(make_article() for _ in range(20)))

    with django_assert_max_num_queries(35):
        admin_client.get(reverse("admin:articles_article_change", args=[article.pk]))


@pytest.mark.parametrize(
    "values",
    [
        {"title": " padded  title "},
        {"excerpt": "one\ntwo\r\nthree\rfour \n"},
        {"web_url": "https://a.example/PR Newswire/\u2028x "},
        {"web_url": "", "type": "video", "featured_content": '<iframe src="x">\n</iframe>'},
        {"heat": -1},
        {"quality": 0, "heat": 0},
        {"excerpt": ""},
    ],
)
def test_saving_an_untouched_article_changes_nothing(admin_client, values):
    article = make_article(topics=[make_topic("Tides"), make_topic("Harbour")], own_heat=True, **values)
    ArticleImage.objects.create(article=article, url="https://i.example/a.png ", is_cached=None)
    before = Article.objects.values().get(), article.images.values().get(), list(article.topic_links.values())

    change(admin_client, article)

    after = Article.objects.values().get(), article.images.values().get(), list(article.topic_links.values())
    before[0].pop("updated_at")
    after[0].pop("updated_at")
    assert after == before


def test_an_edit_is_kept(admin_client):
    article = make_article("Before", excerpt="one\ntwo")

    change(admin_client, article, title="After", excerpt="one\r\nthree")

    article.refresh_from_db()
    assert (article.title, article.excerpt.splitlines()) == ("After", ["one", "three"])


def test_a_new_article_needs_no_file_name(admin_client):
    provider, source = make_provider(), make_source()
    url = reverse("admin:articles_article_add")
    data = form_data(admin_client.get(url)) | {
        "title": "Ferries",
        "provider": provider.pk,
        "source": source.pk,
        "published_at_0": "2026-11-01",
        "published_at_1": "12:00:00",
    }

    response = admin_client.post(url, data)

    assert response.status_code == 302, response.context["errors"]
    assert Article.objects.get().stem == "2026-11-01-ferries"


def test_secured_is_shown_to_those_who_may_see_it_only(admin_client, editor_client):
    import_files([make_file("a", secured="opaque;word")])
    address = reverse("admin:articles_article_change", args=[Article.objects.get().pk])

    seen = admin_client.get(address).content.decode()
    hidden = editor_client.get(address).content.decode()

    assert "opaque;word" in seen
    assert "opaque;word" not in hidden


def test_secured_is_in_no_list_and_cannot_be_searched(admin_client):
    import_files([make_file("a", secured="opaque;word")])
    address = reverse("admin:articles_article_changelist")

    assert "opaque;word" not in admin_client.get(address).content.decode()
    assert admin_client.get(address, {"q": "opaque;word"}).context["cl"].result_count == 0


def test_heat_that_the_lead_carries_is_told_in_words(admin_client):
    make_story(make_article(), make_article())

    page = admin_client.get(reverse("admin:articles_article_changelist")).content.decode()

    assert "in its lead" in page
    assert ">-1<" not in page


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("publish", {"published": False}, (True, False)),
        ("unpublish", {"published": True}, (False, False)),
        ("remove", {"published": True}, (False, True)),
    ],
)
def test_actions_decide_and_leave_a_trace(admin_client, action, before, after):
    article = make_article(**before)
    address = reverse("admin:articles_article_changelist")

    response = admin_client.post(address, {"action": action, "_selected_action": [article.pk]}, follow=True)

    article.refresh_from_db()
    assert (article.published, article.removed) == after
    assert "1 article: " in response.content.decode()
    assert LogEntry.objects.filter(object_id=str(article.pk)).count() == 1


def test_a_story_finds_a_new_lead_when_its_lead_is_removed(admin_client):
    lead, member = make_article(quality=90), make_article(quality=60)
    story = make_story(lead, member)

    admin_client.post(reverse("admin:articles_article_changelist"), {"action": "remove", "_selected_action": [lead.pk]})

    story.refresh_from_db()
    assert story.lead == member


def test_a_story_finds_a_new_lead_when_its_lead_is_deleted(admin_client):
    lead, member = make_article(quality=90), make_article(quality=60)
    story = make_story(lead, member)

    admin_client.post(reverse("admin:articles_article_delete", args=[lead.pk]), {"post": "yes"})

    story.refresh_from_db()
    assert story.lead == member


def test_an_article_that_moves_to_another_story_leaves_its_old_one_a_lead(admin_client):
    mover, left = make_article(quality=90), make_article(quality=60)
    old, new = make_story(mover, left), make_story(make_article(quality=50))

    change(admin_client, mover, story=new.pk)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.lead, new.lead) == (left, mover)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"published__exact": "1"}, {"lead", "alone"}),
        ({"in_story": "lead"}, {"lead"}),
        ({"in_story": "member"}, {"member"}),
        ({"in_story": "none"}, {"alone"}),
        ({"q": "https://gazette.example/alone"}, {"alone"}),
    ],
)
def test_the_list_of_articles_is_filtered_and_searched(admin_client, query, expected):
    make_story(make_article("lead"), make_article("member"))
    make_article("alone", web_url="https://gazette.example/alone")

    response = admin_client.get(reverse("admin:articles_article_changelist"), query)

    assert {article.title for article in response.context["cl"].result_list} == expected


def test_the_list_of_articles_is_filtered_by_topic_and_period(admin_client):
    topic = make_topic("Tides")
    make_article("about it", topics=[topic])
    make_article("old", topics=[topic], published_at=datetime(2001, 1, 1, tzinfo=UTC))

    address = reverse("admin:articles_article_changelist")
    response = admin_client.get(address, {"topic": topic.pk, "period": "year"})

    assert [article.title for article in response.context["cl"].result_list] == ["about it"]


@pytest.mark.parametrize("query", [{"topic": "x"}, {"period": "x"}, {"in_story": "x"}])
def test_filters_that_do_not_exist_filter_nothing(admin_client, query):
    make_article()

    response = admin_client.get(reverse("admin:articles_article_changelist"), query)

    assert len(response.context["cl"].result_list) == 1


def test_a_list_counts_only_so_far(admin_client, monkeypatch):
    monkeypatch.setattr(base, "MAX_COUNT", 3)
    for _ in range(5):
        make_article()

    assert admin_client.get(reverse("admin:articles_article_changelist")).context["cl"].result_count == 3


def test_lists_of_texts_are_edited_one_a_line(admin_client):
    topic = make_topic("Tides", keywords=["tide", "spring tide"])

    change(admin_client, topic, keywords="tide\r\n\r\n neap tide \r\n")

    topic.refresh_from_db()
    assert topic.keywords == ["tide", "neap tide"]


def test_untouched_topics_providers_and_stories_stay_as_they_are(admin_client, one_of_each):
    Topic.objects.update(keywords=["a", "b"], services={"news": "https://a.example/"})
    Provider.objects.update(other_names=["A", "B"], description="one\ntwo")

    for model in ("topic", "provider", "story"):
        before = type(one_of_each[model]).objects.values().get(pk=one_of_each[model].pk)
        change(admin_client, one_of_each[model])
        assert type(one_of_each[model]).objects.values().get(pk=one_of_each[model].pk) == before


def test_a_site_and_a_file_name_never_change(admin_client):
    article = make_article(stem="a")

    change(admin_client, article, stem="b")

    article.refresh_from_db()
    assert article.stem == "a"


def test_taggits_own_tags_are_not_on_the_desk(admin_client):
    assert "/taggit/" not in admin_client.get(reverse("admin:index")).content.decode()


def test_links_that_lead_out_are_listed_with_their_story(admin_client):
    import_files([make_file("a", related=[make_related("outside")])])

    page = admin_client.get(reverse("admin:articles_story_change", args=[Story.objects.get().pk])).content.decode()

    assert "Title of outside" in page
    assert ImportedFile.objects.count() == 1


def test_the_desk_is_named_as_the_site(client, settings):
    assert settings.NEWSROOM_SITE_NAME in client.get("/admin/login/").content.decode().partition("<h1>")[0]


def test_a_topic_cannot_be_below_itself(admin_client):
    harbour = make_topic("Harbour")
    quay = make_topic("Quay", parent=make_topic("Piers", parent=harbour))
    url = reverse("admin:articles_topic_change", args=[harbour.pk])

    response = admin_client.post(url, form_data(admin_client.get(url)) | {"parent": quay.pk})

    assert "A topic cannot be below itself." in response.content.decode()


@pytest.fixture
def conflict():
    """An article whose title an editor and its file changed."""
    import_files([make_file("a", title="Before")])
    Article.objects.update(title="The editor's")
    import_files([make_file("a", title="The file's", excerpt="New.")])
    return Conflict.objects.get()


def take(client, conflict, choice):
    return client.post(reverse("admin:articles_conflict_change", args=[conflict.pk]), {"take": choice})


@pytest.mark.parametrize("model", RECORDS)
def test_records_of_imports_are_listed_and_opened_but_not_written(editor_client, conflict, model):
    Article.objects.all().delete() if model == "deletedarticle" else None
    row = {"importrun": ImportRun, "conflict": Conflict, "deletedarticle": DeletedArticle}[model].objects.first()

    assert editor_client.get(reverse(f"admin:articles_{model}_changelist"), {"q": "x"}).status_code == 200
    assert editor_client.get(reverse(f"admin:articles_{model}_change", args=[row.pk])).status_code == 200
    assert editor_client.get(reverse(f"admin:articles_{model}_add")).status_code == 403


@pytest.mark.parametrize("model", RECORDS)
def test_lists_of_records_cost_a_fixed_number_of_queries(admin_client, model, django_assert_max_num_queries):
    for n in range(30):
        import_files([make_file(f"a{n}")])
        make_article().delete()
        Conflict.objects.create(article=Article.objects.get(stem=f"a{n}"), field="title", ours="a", theirs="b")

    with django_assert_max_num_queries(12):
        admin_client.get(reverse(f"admin:articles_{model}_changelist"))


def test_an_imports_record_tells_what_it_did_and_what_it_did_not_take(editor_client):
    import_files([make_file("a"), FoundFile("_news/bad.md", Kind.ARTICLE, "harbour", "bad", b"---\ntitle: [1]\n---\n")])

    page = editor_client.get(reverse("admin:articles_importrun_change", args=[ImportRun.objects.get().pk]))

    text = page.content.decode()
    assert "_news/bad.md" in text
    assert "expected a single value, found" in text


def test_a_conflict_shows_the_three_values(editor_client, conflict):
    page = editor_client.get(reverse("admin:articles_conflict_change", args=[conflict.pk])).content.decode()

    assert [page.count(text) > 0 for text in ("Before", "The editor&#x27;s", "The file&#x27;s")] == [True] * 3


@pytest.mark.parametrize(("choice", "title"), [("ours", "The editor's"), ("theirs", "The file's"), ("base", "Before")])
def test_a_person_takes_one_side_of_a_conflict(editor_client, conflict, choice, title):
    take(editor_client, conflict, choice)

    conflict.refresh_from_db()
    assert Article.objects.get().title == title
    assert (conflict.taken, conflict.resolved_by.username) == (choice, "ed")


@pytest.mark.parametrize(("choice", "title"), [("ours", "The editor's"), ("theirs", "Newest")])
def test_after_a_decision_only_a_new_change_of_the_source_clashes(editor_client, conflict, choice, title):
    take(editor_client, conflict, choice)

    again = import_files([make_file("a", title="The file's", excerpt="Newer.")])
    import_files([make_file("a", title="Newest", excerpt="Newer.")])

    assert again.conflicts == 0
    assert Article.objects.get().title == title
    assert list(Conflict.objects.open().values_list("base", "ours", "theirs")) == (
        [("The file's", "The editor's", "Newest")] if choice == "ours" else []
    )


def test_a_value_before_both_is_not_offered_where_there_was_no_file(editor_client):
    make_article("Ours", stem="a")
    import_files([make_file("a", title="Theirs")])
    conflict = Conflict.objects.get(field="title")

    page = editor_client.get(reverse("admin:articles_conflict_change", args=[conflict.pk]))
    take(editor_client, conflict, "base")

    assert [choice for choice, _ in page.context["choices"]] == ["ours", "theirs"]
    assert Article.objects.get().title == "Ours"


def test_a_conflict_that_is_resolved_stays_so(editor_client, conflict):
    take(editor_client, conflict, "ours")

    address = reverse("admin:articles_conflict_change", args=[conflict.pk])
    page = editor_client.post(address, {"take": "theirs"}, follow=True).content.decode()

    assert "it was resolved before, and took the editor&#x27;s" in page
    assert "took the file" not in page
    assert Article.objects.get().title == "The editor's"


def test_conflicts_about_stories_cost_a_fixed_number_of_queries(editor_client, django_assert_max_num_queries):
    for _ in range(20):
        article, stories = make_article(), [make_story(make_article()) for _ in range(2)]
        Conflict.objects.create(article=article, field="story", ours=stories[0].pk, theirs=stories[1].pk)

    with django_assert_max_num_queries(12):
        page = editor_client.get(reverse("admin:articles_conflict_changelist")).content.decode()

    assert stories[0].lead.title in page


def test_a_history_of_stories_costs_a_fixed_number_of_queries(editor_client, django_assert_max_num_queries):
    article, stories = make_article(), [make_story(make_article()) for _ in range(20)]
    for story, next_story in pairwise(stories):
        Change.objects.create(article=article, deltas={"story": [story.pk, next_story.pk]})

    with django_assert_max_num_queries(12):
        editor_client.get(reverse("admin:articles_article_history", args=[article.pk]))


def test_only_a_superuser_deletes_records_of_imports(editor_client, admin_client, conflict):
    address = reverse("admin:articles_importrun_delete", args=[ImportRun.objects.first().pk])

    assert editor_client.post(address, {"post": "yes"}).status_code == 403


def test_conflicts_are_resolved_by_the_list(editor_client, conflict):
    data = {"action": "take_theirs", "_selected_action": [conflict.pk]}

    editor_client.post(reverse("admin:articles_conflict_changelist"), data)

    assert Article.objects.get().title == "The file's"


def test_only_who_may_change_conflicts_resolves_them(editor_client, conflict):
    user = User.objects.get()
    user.user_permissions.remove(Permission.objects.get(codename="change_conflict"))

    assert take(editor_client, conflict, "theirs").status_code == 403
    assert Article.objects.get().title == "The editor's"


def test_an_editor_who_writes_what_the_file_says_resolves_the_conflict(editor_client, conflict):
    change(editor_client, Article.objects.get(), title="The file's")

    conflict.refresh_from_db()
    assert conflict.taken == "theirs"


def test_saving_a_form_writes_only_what_its_editor_changed(editor_client):
    import_files([make_file("a", title="Old", excerpt="Old.")])
    article = Article.objects.get()
    address = reverse("admin:articles_article_change", args=[article.pk])
    data = form_data(editor_client.get(address)) | {"excerpt": "Edited."}

    import_files([make_file("a", title="New", excerpt="Old.")])
    assert editor_client.post(address, data).status_code == 302

    article.refresh_from_db()
    assert (article.title, article.excerpt) == ("New", "Edited.")


def test_what_an_import_and_an_editor_with_an_open_form_both_changed_is_a_conflict(editor_client):
    import_files([make_file("a", title="Old", excerpt="Two\r\nlines", quality=60)])
    address = reverse("admin:articles_article_change", args=[Article.objects.get().pk])
    edits = {"title": "Edited", "excerpt": "Edited", "quality": "70", "published_at_1": "13:00:00"}
    data = form_data(editor_client.get(address)) | edits

    import_files([make_file("a", title="New", excerpt="Two\r\nlines", quality=80)])
    assert editor_client.post(address, data).status_code == 302

    told = {c.field: (c.base, c.ours, c.theirs) for c in Conflict.objects.open()}
    assert told == {"title": ("Old", "Edited", "New"), "quality": (60, 70, 80)}
    assert Article.objects.get().title == "Edited"


@pytest.fixture
def opened(editor_client):
    """Opens an article's or an outlet's form, and returns what a browser would send back and where to."""

    def open_form(row):
        address = reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])
        data = form_data(editor_client.get(address))

        def send(**values):
            sent = {key: value for key, value in (data | values).items() if value is not None}
            response = editor_client.post(address, sent)
            assert response.status_code == 302, response.context["errors"]

        return send

    return open_form


def topics_of(article):
    return list(article.topic_links.order_by("position", "pk").values_list("tag__name", flat=True))


@pytest.mark.parametrize("after", [["B", "A"], ["B"], ["A", "B", "C"], ["C"]])
def test_an_open_form_undoes_no_imports_change_of_topics(opened, after):
    import_files([make_file("a", topics=["A", "B"])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", topics=after)])
    send(title="Edited")

    assert topics_of(article) == after
    assert Change.objects.first().deltas == {"title": ["Title of a", "Edited"]}


def test_an_open_form_undoes_no_imports_change_of_images(opened):
    image = {"url": "https://i.example/a.jpg", "title": "Old"}
    import_files([make_file("a", images=[image, {"url": "https://i.example/gone.jpg"}])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=[{**image, "title": "New"}])])
    send(title="Edited")

    assert [picture.title for picture in article.images.all()] == ["New"]


def test_topics_that_an_editor_and_an_import_changed_meanwhile_are_both_kept(opened):
    import_files([make_file("a", topics=["A", "B"])])
    article, mine = Article.objects.get(), make_topic("Mine")
    send = opened(article)

    import_files([make_file("a", topics=["B", "Theirs"])])
    send(**{"topic_links-TOTAL_FORMS": "3", "topic_links-2-tag": mine.pk, "topic_links-2-id": ""})

    assert set(topics_of(article)) == {"B", "Mine", "Theirs"}
    assert not Conflict.objects.exists()


def test_a_topic_that_an_editor_and_an_import_both_added_is_there_once(opened):
    import_files([make_file("a", topics=["A"])])
    article, both = Article.objects.get(), make_topic("Both")
    send = opened(article)

    import_files([make_file("a", topics=["A", "Both"])])
    send(**{"topic_links-TOTAL_FORMS": "2", "topic_links-1-tag": both.pk, "topic_links-1-id": ""})

    assert topics_of(article) == ["A", "Both"]


def test_two_topics_can_change_places_by_their_names(opened):
    one, other = make_topic("One"), make_topic("Other")
    article = make_article(topics=[one, other])

    opened(article)(**{"topic_links-0-tag": other.pk, "topic_links-1-tag": one.pk})

    assert topics_of(article) == ["Other", "One"]


def test_a_new_topic_goes_last(opened):
    article = make_article(topics=[make_topic("One"), make_topic("Two")])
    new = make_topic("New")

    opened(article)(**{"topic_links-TOTAL_FORMS": "3", "topic_links-2-tag": new.pk})

    assert topics_of(article) == ["One", "Two", "New"]


def test_an_image_that_an_editor_and_an_import_both_changed_is_a_conflict(opened):
    image = {"url": "https://i.example/a.jpg", "title": "Old"}
    import_files([make_file("a", images=[image])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=[{**image, "title": "New"}])])
    send(**{"images-0-title": "Edited"})

    conflict = Conflict.objects.get()
    titles = [[item.get("title") for item in value] for value in (conflict.base, conflict.ours, conflict.theirs)]
    assert titles == [["Old"], ["Edited"], ["New"]]
    assert article.images.get().title == "Edited"


def test_an_image_that_an_editor_changed_and_an_import_dropped_is_a_conflict(opened):
    import_files([make_file("a", images=[{"url": "https://i.example/a.jpg"}])])
    article = Article.objects.get()
    send = opened(article)

    import_files([make_file("a", images=None)])
    send(**{"images-0-title": "Edited"})

    assert Conflict.objects.get().field == "images"
    assert article.images.get().title == "Edited"


def upload(width, height, name="a.png"):
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


def test_an_image_keeps_our_copy_and_gets_another(opened, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()
    new = {"images-TOTAL_FORMS": "1", "images-0-url": "https://i.example/a.jpg", "images-0-id": ""}

    opened(article)(**new, **{"images-0-file": upload(9, 9)})
    kept = article.images.get().file.name
    opened(article)(**{"images-0-title": "Edited"})

    assert (article.images.get().title, article.images.get().file.name) == ("Edited", kept)
    opened(article)(**{"images-0-file-clear": "on"})
    assert article.images.get().file.name == ""


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "東" * 80 + ".png"], ids=["long", "of letters of three bytes"])
def test_a_picture_may_have_any_name(opened, tmp_path, settings, name):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()

    new = {"images-TOTAL_FORMS": "1", "images-0-url": "https://i.example/a.jpg", "images-0-id": ""}
    opened(article)(**new, **{"images-0-file": upload(9, 9, name)})

    assert article.images.get().true_width == 9


@pytest.mark.parametrize("make", [make_article, make_provider])
def test_a_picture_that_cannot_be_shown_is_not_taken_for_our_copy(editor_client, make):
    row = make()
    address = reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])
    sent = form_data(editor_client.get(address)) | {"images-TOTAL_FORMS": "1", "images-0-file": upload(16_001, 8)}

    page = editor_client.post(address, sent | {"images-0-url": "https://i.example/a.jpg", "images-0-id": ""})

    assert "Expected at most" in page.content.decode()
    assert not row.images.exists()


def test_a_logo_keeps_our_copy_until_its_address_changes(opened):
    provider = make_provider()
    copy = {"file": "pictures/a.png", "true_width": 9, "true_height": 9, "colour": "#aa2222"}
    provider.images.create(url="https://i.example/a.png", **copy)

    opened(provider)(**{"images-0-title": "Edited"})
    logo = provider.images.get()
    assert (logo.title, logo.file.name, logo.true_width) == ("Edited", "pictures/a.png", 9)

    opened(provider)(**{"images-0-url": "https://i.example/b.png"})
    logo = provider.images.get()
    assert (logo.file.name, logo.true_width, logo.colour) == ("", None, "")


@pytest.mark.parametrize("field", ["provider", "story"])
def test_a_choice_that_an_editor_and_an_import_both_changed_is_a_conflict(opened, field):
    import_files(make_story_files("a", "b"))
    article = Article.objects.get(stem="a")
    mine = make_provider("mine.example") if field == "provider" else make_story(make_article())
    send = opened(article)

    import_files([make_file("a", provider={"name": "New", "domain": "new.example"}), make_file("b")])
    send(**{field: mine.pk})

    assert getattr(Article.objects.get(stem="a"), field) == mine
    assert Conflict.objects.get().field == field


def test_a_form_is_saved_though_the_story_it_shows_is_gone(opened):
    import_files(make_story_files("a", "b"))
    article = Article.objects.get(stem="a")
    send = opened(article)

    import_files([make_file("a"), make_file("b")])
    send(title="Edited")

    article.refresh_from_db()
    assert (article.title, article.story) == ("Edited", None)


def found_organization(name, description):
    text = f'---\nname: "{name}"\ndomain: "gazette.example"\ndescription: "{description}"\n---\n'
    return FoundFile("_organizations/gazette.md", Kind.ORGANIZATION, "harbour", "gazette", text.encode())


def test_an_open_form_undoes_no_imports_change_of_a_provider(editor_client):
    import_files([found_organization("Old", "Old")])
    provider = Provider.objects.get()
    address = reverse("admin:articles_provider_change", args=[provider.pk])
    data = form_data(editor_client.get(address)) | {"name": "Edited", "other_names": "Mine"}

    import_files([found_organization("New", "New")])
    assert editor_client.post(address, data).status_code == 302

    provider.refresh_from_db()
    assert (provider.name, provider.description, provider.other_names) == ("Edited", "New", ["Mine"])
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == ("name", "Old", "Edited", "New")


@pytest.mark.parametrize(("values", "titles"), [({"title": "Edited"}, ["Edited"]), ({}, [])])
def test_a_link_that_is_gone_comes_back_only_if_its_editor_changed_it(editor_client, one_of_each, values, titles):
    story = one_of_each["story"]
    address = reverse("admin:articles_story_change", args=[story.pk])
    data = form_data(editor_client.get(address)) | {f"links-0-{name}": value for name, value in values.items()}
    story.links.all().delete()

    response = editor_client.post(address, data)

    assert response.status_code == 302, response.context["errors"]
    assert [link.title for link in story.links.all()] == titles


@pytest.mark.parametrize("values", [{"published_at_0": "1650-01-01"}, {"excerpt": "x" * 20_001}])
def test_an_article_has_only_values_that_a_file_may_have(editor_client, values):
    article = make_article()
    address = reverse("admin:articles_article_change", args=[article.pk])

    response = editor_client.post(address, form_data(editor_client.get(address)) | values)

    assert response.status_code == 200
    assert "Enter " in response.content.decode()


def test_an_editors_change_is_in_the_history_with_both_values(editor_client):
    article = make_article("Ferries", topics=[make_topic("Harbour")])

    change(editor_client, article, title="Ships")

    assert Change.objects.get().deltas == {"title": ["Ferries", "Ships"]}
    page = editor_client.get(reverse("admin:articles_article_history", args=[article.pk])).content.decode()
    assert '<td><div class="value">Ferries</div></td>' in page


def test_an_imports_change_is_in_the_history(editor_client):
    for title in ("Ferries", "Ships"):
        import_files([make_file("a", title=title, heat=len(title))])

    assert Change.objects.get().deltas == {"title": ["Ferries", "Ships"]}


def test_the_values_page_tells_where_each_comes_from(editor_client):
    import_files([make_file("a", title="The file's")])
    article = Article.objects.get()
    change(editor_client, article, title="The editor's")

    page = editor_client.get(reverse("admin:articles_article_values", args=[article.pk]))

    origins = {origin.field: origin for origin, *_ in page.context["origins"]}
    assert (origins["title"].kind, origins["title"].user.username) == ("editor", "ed")
    assert (origins["excerpt"].kind, origins["excerpt"].run) == ("file", ImportRun.objects.get())
    assert origins["leads its story"].kind == "computed"
    assert "opaque;text" not in page.content.decode()


def test_a_field_handed_back_follows_the_file(editor_client):
    import_files([make_file("a", title="The file's")])
    article = Article.objects.get()
    change(editor_client, article, title="The editor's")

    editor_client.post(reverse("admin:articles_article_values", args=[article.pk]), {"field": "title"})

    article.refresh_from_db()
    assert article.title == "The file's"
    import_files([make_file("a", title="Newer")])
    article.refresh_from_db()
    assert article.title == "Newer"


def test_a_hundred_touches_by_imports_add_little_history():
    long = "The harbour " * 40
    for n in range(100):
        import_files(
            [make_file("a", title=f"{long[:150]} {n}", excerpt=f"{n} {long}", web_url=f"https://a.example/{n}")]
        )

    rows = Change.objects.values_list("deltas", flat=True)
    assert sum(len(json.dumps(deltas)) + 60 for deltas in rows) < 50_000


def test_an_article_deleted_here_never_comes_back(editor_client):
    import_files(make_story_files("a", "b", "c"))
    article = Article.objects.get(stem="a")
    editor_client.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})

    report = import_files(make_story_files("a", "b", "c", quality=75))

    assert (report.created, report.updated, report.unchanged) == (0, 2, 1)
    assert sorted(Article.objects.values_list("stem", flat=True)) == ["b", "c"]
    assert not RelatedLink.objects.exists()
    DeletedArticle.objects.get().delete()
    assert import_files(make_story_files("a", "b", "c", quality=75)).created == 1

"""One rule for files, forms and commands: what an import refuses, a form refuses too."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from articles.frontmatter import schema
from articles.models import Article, Provider, RelatedLink, Source, Topic
from articles.models.fields import validate_domain
from articles.text import rules
from tests.admin.forms import change, form_data
from tests.factories import make_article, make_provider, make_topic

BAD = {
    "domain": ["https://", "a b.example", "user@a.example", "https://user:pass@a.example/", "a..b", "../../etc",
               "a.example:99999999", "javascript:alert(1)", "a.example/\u202e", "a.example\\b", "", ".", "a" * 254],
    "address": ["ftp://a.example/", "javascript:alert(1)", "//a.example/", "https://", "https:///", "https://a b/",
                "https://user:pass@a.example/", "https://google.com@evil.example", "https://@a.example/",
                "https://a.example\\@b.example/", "https:/\\user@a.example/", "ht\ttps://a.example/",
                "https://us\ner@a.example/", "https://a.example:80@b.example/", "data:text/html,x",
                "https://a.example/" + "é" * 1020, 'https://a".example/', "https://<a>/", "https://a.example'/"],
    "slug": ["a/b", "a b", "..", "a.b", "a\u202eb", "a" * 101, "a?b", "a#b", "a\nb"],
    "stem": ["a/b", "..", ".a", " a", "a ", "a\\b", "a\nb", "a\u202eb", "a\u200bb", "é" * 127, "\x1b[2J"],
    "source": ["A", "a b", "-a", "ä", "a/b", "a" * 51, "", "a\n"],
}  # fmt: skip
GOOD = {
    "domain": ["a.example", "BÜCHER.example", "a.example:8080", "a_b.example", "समाचार.example", "localhost",
               "a.example/x"],
    "address": ["https://a.example", "http://a.example/@user?x=a@b#c@d", "https://a.example/b c\u2028",
                "https://bücher.example/", "HTTPS://A.EXAMPLE/", "https://a.example:8080/x\\y", "https://[2001:db8::1]/"],
    "slug": ["tides", "Ebbe_und-Flut", "हिन्दी", "潮"],
    "stem": ["2026-11-24-a", "日本語", "a b", "a" * 252, "a'b\"c"],
    "source": ["a", "a-b", "0", "a" * 50],
}  # fmt: skip
READERS = {
    "domain": schema.DOMAIN.read,
    "address": schema.ARTICLE.by_key["webUrl"].type.read,
    "slug": schema.SLUG.read,
    "stem": rules.stem,
    "source": rules.source,
}
FIELDS = {
    "domain": [(Provider, "domain")],
    "address": [(Article, "web_url"), (Article, "original_url"), (RelatedLink, "web_url"), (Source, "web_url")],
    "slug": [(Topic, "slug")],
    "stem": [(Article, "stem")],
    "source": [(Source, "name")],
}


def named(cases):
    return [pytest.param(kind, text, id=f"{kind}-{n}") for kind, texts in cases.items() for n, text in enumerate(texts)]


@pytest.mark.attack(6)
@pytest.mark.parametrize(("kind", "text"), named(BAD))
def test_files_and_forms_refuse_the_same(kind, text):
    with pytest.raises(ValueError, match="expected"):
        READERS[kind](text)
    for model, name in FIELDS[kind]:
        field = model._meta.get_field(name)
        if text or not field.blank:
            with pytest.raises(ValidationError):
                field.clean(text, None)


@pytest.mark.parametrize(("kind", "text"), named(GOOD))
def test_files_and_forms_take_the_same(kind, text):
    READERS[kind](text)
    for model, name in FIELDS[kind]:
        model._meta.get_field(name).clean(text, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["https://Example.org/", "http://example.org", "EXAMPLE.org.", "Example.org/", "xn--example-.org/", "a.example"],
)
def test_an_editor_may_type_an_address_for_an_outlets_domain(admin_client, typed):
    provider = make_provider("a.example")
    make_article("Shown", provider=provider)

    change(admin_client, provider, domain=typed)

    provider.refresh_from_db()
    validate_domain(provider.domain)
    assert "//" not in provider.domain
    assert admin_client.get("/").status_code == 200
    assert admin_client.get(provider.get_absolute_url()).status_code == 200


@pytest.mark.django_db
def test_a_form_tells_what_is_wrong_with_a_domain_and_does_not_take_anothers(admin_client):
    make_provider("example.org")
    provider = make_provider("a.example")
    address = reverse("admin:articles_provider_change", args=[provider.pk])
    for typed in ("https://user:secret@a.example/", "https://Example.org/"):
        response = admin_client.post(address, form_data(admin_client.get(address)) | {"domain": typed})

        assert response.context["adminform"].form.errors["domain"]
    provider.refresh_from_db()
    assert provider.domain == "a.example"


@pytest.mark.django_db
def test_a_topic_with_marks_in_its_slug_can_be_saved_in_the_admin(admin_client):
    topic = make_topic("हिन्दी", slug="हिन्दी")

    change(admin_client, topic, shortname="Hindi")

    topic.refresh_from_db()
    assert (topic.slug, topic.shortname) == ("हिन्दी", "Hindi")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["A", "a b", "../x", "\x1b[2J", "a" * 51])
def test_a_command_refuses_a_source_that_no_file_could_be_of(name):
    with pytest.raises(CommandError, match="--source: expected") as error:
        call_command("check_scores", source=name)

    assert str(error.value).isprintable()


@pytest.mark.attack(7)
@pytest.mark.parametrize("text", ["\u200b", "\u202e\u202c", " \u2060 ", "\u3164", "\ufeff", "\u200e\u200f"])
def test_a_title_that_readers_could_not_see_is_refused(text):
    for model, name in ((Article, "title"), (Provider, "name"), (Topic, "name"), (RelatedLink, "title")):
        with pytest.raises(ValidationError):
            model._meta.get_field(name).clean(text, None)


@pytest.mark.attack(7)
@pytest.mark.parametrize("marks", ["\u0301" * 31, "\u0316\u0301" * 200, "\u20dd" * 40, "\u0e49" * 31, "\u064b" * 5000])
def test_marks_that_pile_up_are_refused_in_forms(marks):
    for model, name in ((Article, "title"), (Article, "excerpt"), (Provider, "name"), (Topic, "name")):
        with pytest.raises(ValidationError):
            model._meta.get_field(name).clean(f"a{marks}"[:450], None)


@pytest.mark.attack(11)
@pytest.mark.parametrize("text", ["a\x00", "\ud800", "\udfff\ud800", "\x00", "a\udc80b"])
def test_a_list_or_a_mapping_that_postgresql_cannot_store_is_refused(text):
    for name in ("keywords", "hashtags", "images"):
        with pytest.raises(ValidationError):
            Topic._meta.get_field(name).clean(["a", text], None)
    for value in ({"a": text}, {text: "a"}, {"a": [{"b": text}]}):
        with pytest.raises(ValidationError):
            Topic._meta.get_field("services").clean(value, None)
    with pytest.raises(ValidationError):
        Provider._meta.get_field("other_names").clean([text], None)

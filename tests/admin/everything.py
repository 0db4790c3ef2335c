"""Every address of the admin, by code, and a row for each of its models: what is new there is covered by itself."""

import re
from datetime import timedelta
from html.parser import HTMLParser

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import URLResolver
from django.utils import timezone

from articles.admin import drafts
from articles.desk import urls as desk
from articles.models import (
    Action,
    Article,
    ArticleImage,
    ArticleTag,
    Boost,
    Conflict,
    DeletedArticle,
    Delivery,
    ImportRun,
    Issue,
    IssueArticle,
    LogIn,
    Mark,
    Pin,
    ProviderImage,
    RelatedLink,
    SecondFactor,
    Story,
    Subscriber,
    Suggestion,
    Topic,
    Upload,
)
from articles.stories import editing
from newsroom.accounts import urls as accounts
from tests.factories import make_article, make_provider, make_source, make_story, make_topic

GAP = re.compile(r"<(?:\w+:)?(\w+)>")


def make_rows():
    """Store a row for each model of the admin, and rows that belong to them. Return those of the admin by model."""
    now, source = timezone.now(), make_source()
    topic, provider = make_topic("Harbour", slug="harbour"), make_provider()
    lead, member, alone = (
        make_article(name, topics=[topic], tags=["US"], published_at=now) for name in ("Lead", "Member", "Alone")
    )
    story = make_story(lead, member)
    make_story(make_article("Other lead"), make_article("Other member"))
    user = User.objects.create_user("somebody", "somebody@example.org", "secret")
    editing.write(story, "Its headline", "Its summary", user)
    ArticleImage.objects.create(article=lead, url="https://i.example/a.jpg")
    Mark.objects.create(article=lead)
    ArticleTag.objects.get_or_create(article=lead, name="DE", position=1)
    ProviderImage.objects.create(provider=provider, url="https://i.example/p.png")
    issue = Issue.objects.create(date=now.date(), subject="News", html="<p>News</p>", text="News")
    IssueArticle.objects.create(issue=issue, article=alone, position=1)
    subscriber = Subscriber.objects.create(email="r@example.org", state="confirmed", confirmed_at=now - timedelta(1))
    run = ImportRun.objects.create(sources=[source.name], paths=["a"], state=ImportRun.State.DONE)
    rows = [
        lead, story, provider, topic, source, issue, subscriber, run, user, Action.objects.get(),
        RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=provider),
        Suggestion.objects.create(kind="story", article=alone, other=lead, confidence=0.9, evidence="words"),
        Conflict.objects.create(article=lead, field="title", base="A", ours="Lead", theirs="B", run=run),
        DeletedArticle.objects.create(source=source, stem="gone", title="Gone"),
        Delivery.objects.create(issue=issue, subscriber=subscriber, begun_at=now - timedelta(1)),
        Boost.objects.create(article=lead, points=5, reason="Because"),
        Pin.objects.create(article=alone, reason="Because"),
        Group.objects.create(name="Writers"),
        LogIn.objects.create(user=user, outcome="success"),
        SecondFactor.objects.create(user=user, last_step=0),
    ]  # fmt: skip
    Topic.objects.create(name="Quay", slug="quay", parent=topic)
    make_provider("another.example")
    found = {type(row): row for row in rows}
    assert found.keys() == set(admin.site._registry), "Make a row for each model of the admin here."
    return found | {Upload: Upload.objects.create(user=user)}


def of_admin(rows):
    """Return those of the rows that have a form of the admin."""
    return {model: row for model, row in rows.items() if model in admin.site._registry}


def routes(patterns=None, before=""):
    """Yield every route of the admin, such as `articles/article/<path:object_id>/change/`."""
    for pattern in patterns or [*accounts.urlpatterns, *drafts.urlpatterns, *desk.urlpatterns, *admin.site.get_urls()]:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif "(?P" not in route:  # the last one, which adds a slash
            yield route


def model_of(route):
    """Return the model that a route is about, or None."""
    for beginning, model in (("triage", Article), ("stories", Story), ("suggestions", Suggestion), ("import", Upload)):
        if route.startswith(f"desk/{beginning}/<"):
            return model
    found = [
        model for model in admin.site._registry if route.startswith(f"{model._meta.label_lower.replace('.', '/')}/")
    ]
    return found[0] if found else None


def address(route, key):
    """Return the address of a route: `key` is put into each of its gaps."""
    return "/admin/" + GAP.sub(lambda gap: str(key).replace("%", "%25").replace("\0", "%00"), route)


class Fields(HTMLParser):
    """The names and values of a page's fields, as a browser sends them."""

    def __init__(self, page):
        super().__init__()
        self.found, self.select, self.area = {}, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name, value = given.get("name"), given.get("value") or ""
        is_box = given.get("type") in ("checkbox", "radio")
        if is_box and "value" not in given:
            value = "on"
        if tag == "input" and name and ("checked" in given or not is_box):
            self.found[name] = value
        elif tag == "select" and name:
            self.select, self.found[name] = name, ""
        elif tag == "option" and self.select and "selected" in given:
            self.found[self.select] = value
        elif tag == "textarea" and name:
            self.area, self.found[name] = name, ""

    def handle_endtag(self, tag):
        self.select, self.area = (None if tag == "select" else self.select), (None if tag == "textarea" else self.area)

    def handle_data(self, data):
        if self.area:
            self.found[self.area] += data.removeprefix("\n") if not self.found[self.area] else data


def fields(response):
    """Return the fields of a page and their values."""
    return Fields(response.content.decode()).found

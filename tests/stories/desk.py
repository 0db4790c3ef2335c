"""Three editors at work by chance, and all tables that they change."""

import random
from itertools import cycle

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from articles.models import (
    Action,
    ActionRow,
    Article,
    ArticleImage,
    ArticleTag,
    ArticleTerm,
    ArticleTopic,
    Boost,
    Conflict,
    DeletedArticle,
    ImportedFile,
    Pin,
    Provider,
    ProviderImage,
    RelatedLink,
    Source,
    Story,
    Suggestion,
    Topic,
    TopicAlias,
)
from articles.stories import deciding, editing, undo
from articles.stories.restoring import UndoError
from articles.suggestions import matching
from articles.sync import decisions, versions
from articles.sync.importer import import_files
from tests.admin.forms import form_data
from tests.factories import make_file, make_provider, make_story_files

MOMENTS = {"updated_at", "created_at"}  # when something changed at last: an undo is a change
TABLES = [
    *(Article, ArticleImage, ArticleTag, ArticleTopic, Boost, Conflict, Pin, RelatedLink, Story, Suggestion),
    *(ArticleTerm, DeletedArticle, ImportedFile),
    *(Provider, ProviderImage, Source, Topic, TopicAlias),
]
DECISIONS = [Action.Kind.PUBLISH, Action.Kind.UNPUBLISH, Action.Kind.REMOVE, Action.Kind.RESTORE]
ACTS = [
    *("merge", "split", "move", "withdraw", "lead", "release", "write", "gather", "decide", "decide", "form"),
    *("boost", "rise", "unboost", "pin", "unpin", "suggestion", "resolve", "follow", "link"),
    *("delete", "add", "delete_story", "undo"),
    *("restore", "restore", "topic", "add_topic", "delete_topic", "outlet", "add_outlet", "delete_outlet", "site"),
]


def tables():
    """Return all rows that people change, with what is computed from them, by table and key.

    Stories without articles stay as rows, so that their addresses lead on: those are left out.
    """
    found = {}
    for model in TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.name not in MOMENTS]
        rows = model._base_manager.filter(articles__isnull=False).distinct() if model is Story else model._base_manager
        found[model.__name__] = {row[model._meta.pk.attname]: row for row in rows.values(*names)}
    return found


class Desk:
    """Ten imported articles in stories, with boosts, a pin, suggestions and conflicts, and who works on them."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
        people = [User.objects.create_superuser(f"ed{seed}{n}") for n in range(3)]
        self.people = cycle(people)
        self.clients = {}
        for user in people:
            self.clients[user] = Client()
            self.clients[user].force_login(user)
        groups = [["a", "b", "c"], ["d", "e"], ["f", "g"]]
        files = [file for group in groups for file in make_story_files(*group, published=True)]
        import_files([*files, make_file("h", published=True), make_file("i"), make_file("j", tags=["US", "DE"])])
        self.raise_conflicts()
        make_provider("o.example")
        articles = list(Article.objects.order_by("stem"))
        Boost.objects.create(article=articles[1], points=5, reason="x")
        Pin.objects.create(article=articles[0], reason="x")
        for one, other, kind in ((7, 0, "story"), (8, 9, "story"), (9, 1, "duplicate"), (2, 3, "duplicate")):
            Suggestion.objects.create(
                article=articles[one], other=articles[other], kind=kind, confidence=0.9, evidence="x"
            )

    def raise_conflicts(self):
        for stem in "hi":
            decisions.store(Article.objects.get(stem=stem), {"title": f"Ours {stem}"}, None)
        import_files([make_file("h", published=True, title="Theirs"), make_file("i", title="Theirs")])

    def act(self, what):
        """Do something and return the action; None if nothing came of it."""
        user, newest = next(self.people), Action.objects.order_by("pk").last()
        try:
            with transaction.atomic():
                getattr(self, what)(user)
        except (ValueError, IndexError):
            return None
        found = Action.objects.filter(is_begun=True, pk__gt=newest.pk if newest else 0)
        return found.get() if found else None

    def some(self, rows, most=3):
        rows = list(rows.order_by("pk"))
        return self.chance.sample(rows, self.chance.randrange(1, min(most, len(rows)) + 1))

    def one(self, rows):
        return self.chance.choice(list(rows.order_by("pk")))

    def story(self):
        return self.one(Story.objects.filter(articles__isnull=False).distinct())

    def post(self, user, address, **values):
        page = self.clients[user].get(address)
        response = self.clients[user].post(address, form_data(page) | values)
        if response.status_code != 302:
            raise ValueError(response.context["errors"])  # such as a boost of a removed article

    def merge(self, user):
        editing.merge(self.story(), [self.story()], user)

    def split(self, user):
        editing.split(self.some(self.story().articles), user)

    def move(self, user):
        editing.move(self.some(Article.objects), self.story(), user)

    def withdraw(self, user):
        editing.withdraw(self.some(self.story().articles), user)

    def lead(self, user):
        editing.set_lead(self.one(Article.objects.exclude(story=None)), user)

    def release(self, user):
        editing.release_lead(self.one(Story.objects.exclude(chosen_lead=None)), user)

    def write(self, user):
        editing.write(self.story(), self.chance.choice(["", "Ours", "Other"]), "Summary", user)

    def gather(self, user):
        editing.gather(self.some(Article.objects.filter(story=None)), user)

    def decide(self, user):
        ids = [article.pk for article in self.some(Article.objects, 6)]
        deciding.go_on(deciding.plan(self.chance.choice(DECISIONS), Article.objects.filter(pk__in=ids), user))

    def form(self, user):
        article = self.one(Article.objects)
        values = [
            *({"title": "Another"}, {"quality": "77"}, {"published": "on"}, {"tags-0-name": "FR"}),
            *({"topic_links-0-DELETE": "on"}, {"excerpt": "Words", "removed": "on"}, {"story": self.story().pk}),
        ]
        self.post(user, f"/admin/articles/article/{article.pk}/change/", **self.chance.choice(values))

    def undo(self, user):
        """Undo anything, also out of order: it works, or says what stands in the way."""
        try:
            undo.undo(self.one(Action.objects), user)
        except UndoError as error:
            if not (error.in_the_way or error.row):
                raise AssertionError(str(error)) from error
            raise

    def restore(self, user):
        rows = ActionRow.objects.filter(model__in=versions.RESTORED).exclude(before={}, after={}).order_by("pk")
        of = self.chance.choice(list(rows))
        field = self.chance.choice(["", *(of.before or {}), "articletopic", "articletag"])
        versions.restore(versions.before(of, field), user, hands_over=True)

    def delete(self, user):
        data = {"action": "delete_selected", "_selected_action": [a.pk for a in self.some(Article.objects, 2)]}
        self.clients[user].post("/admin/articles/article/", data | {"post": "yes"})

    def delete_story(self, user):
        self.clients[user].post(f"/admin/articles/story/{self.story().pk}/delete/", {"post": "yes"})

    def add(self, user):
        some = self.one(Article.objects)
        values = {"title": "New", "provider": some.provider_id, "source": some.source_id, "type": "article"}
        values |= {"published_at_0": "2026-11-02", "published_at_1": "10:00", "quality": "5", "story": self.story().pk}
        self.post(user, "/admin/articles/article/add/", **values, web_url="https://new.example/")

    def boost(self, user):
        values = {"article": self.one(Article.objects).pk, "points": "9", "reason": "x"}
        self.post(user, "/admin/articles/boost/add/", **values)

    def rise(self, user):
        boost = self.one(Boost.objects)
        self.post(user, f"/admin/articles/boost/{boost.pk}/change/", points=str(self.chance.randrange(99)))

    def unboost(self, user):
        self.clients[user].post(f"/admin/articles/boost/{self.one(Boost.objects).pk}/delete/", {"post": "yes"})

    def pin(self, user):
        values = {"article": self.one(Article.objects).pk, "position": "2", "reason": "x"}
        self.post(user, "/admin/articles/pin/add/", **values)

    def unpin(self, user):
        chosen = [self.one(Pin.objects).pk]
        data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
        self.clients[user].post("/admin/articles/pin/", data)

    def suggestion(self, user):
        decide = self.chance.choice([matching.accept, matching.accept, matching.reject, matching.ignore])
        decide(self.one(Suggestion.objects.filter(state="open")), user)

    def resolve(self, user):
        decisions.resolve(self.one(Conflict.objects.open()), self.chance.choice(["ours", "theirs", "base"]), user)

    def follow(self, user):
        decisions.follow(self.one(Article.objects), self.chance.choice(["title", "published", "story", "tags"]), user)

    def topic(self, user):
        topic = self.one(Topic.objects)
        values = [
            *({"name": "Quay"}, {"name": "Port"}, {"slug": "another"}, {"menu_order": str(self.chance.randrange(99))}),
            *({"keywords": "ferry\r\ntide"}, {"parent": self.one(Topic.objects).pk}),
        ]
        self.post(user, f"/admin/articles/topic/{topic.pk}/change/", **self.chance.choice(values))

    def add_topic(self, user):
        name = self.chance.choice(["Quay", "Tide", "Boats"])
        self.post(user, "/admin/articles/topic/add/", name=name, slug=name.lower(), parent=self.one(Topic.objects).pk)

    def delete_topic(self, user):
        data = {"action": "delete_selected", "_selected_action": [topic.pk for topic in self.some(Topic.objects, 2)]}
        self.clients[user].post("/admin/articles/topic/", data | {"post": "yes"})

    def outlet(self, user):
        row = self.one(Provider.objects)
        number = self.chance.randrange(99)
        logo = {"images-TOTAL_FORMS": "1", "images-0-url": f"https://i.example/{number}.png", "images-0-position": "0"}
        values = [{"name": "Another"}, {"description": "Words"}, {"domain": f"o{number}.example"}, logo]
        self.post(user, f"/admin/articles/provider/{row.pk}/change/", **self.chance.choice(values))

    def add_outlet(self, user):
        values = {"domain": f"o{self.chance.random()}.example", "name": "New"}
        self.post(user, "/admin/articles/provider/add/", **values)

    def delete_outlet(self, user):
        address = f"/admin/articles/provider/{self.one(Provider.objects.filter(articles=None)).pk}/delete/"
        self.clients[user].post(address, {"post": "yes"})

    def site(self, user):
        values = [{"title": "Site"}, {"heat_weight": str(self.chance.randrange(99))}, {"hot_day_points": "7"}]
        site = self.one(Source.objects)
        self.post(user, f"/admin/articles/source/{site.pk}/change/", **self.chance.choice(values))

    def link(self, user):
        values = {"story": self.story().pk, "title": "Out", "provider": self.one(Provider.objects).pk, "position": "1"}
        self.post(
            user, "/admin/articles/relatedlink/add/", **values, web_url=f"https://o.example/{self.chance.random()}"
        )


def undo_all(actions, user):
    """Undo actions in reverse order, each compared with the tables as they were before it."""
    for action, before in reversed(actions):
        undo.undo(action, user)
        now = tables()
        assert now == before, (str(action), differences(before, now))


def differences(before, now):
    """Return the rows that differ, by table and key."""
    return {
        (name, key): (rows.get(key), now[name].get(key))
        for name, rows in before.items()
        for key in rows.keys() | now[name].keys()
        if rows.get(key) != now[name].get(key)
    }

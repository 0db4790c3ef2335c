"""Random sequences of edits and imports: nothing is lost, and every undo restores exactly what was."""

import random

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.models import Action, Article, ImportedFile, Story
from articles.stories import editing, leads, undo
from articles.stories.editing import StoryError
from articles.sync.importer import import_files
from tests.factories import make_story_files
from tests.stories.observed import observed

pytestmark = pytest.mark.django_db

NAMES = [f"a{n}" for n in range(10)]


class Desk:
    """An editor and an importer at work on ten articles, by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
        self.user = User.objects.create_user("ed")

    def import_(self):
        names = self.chance.sample(NAMES, len(NAMES))
        groups = []
        while names:
            size = self.chance.randrange(1, 5)
            groups.append(names[:size])
            names = names[size:]
        moved = self.moved()
        import_files(
            [
                file
                for group in groups
                for published, quality in [(self.chance.random() < 0.6, self.chance.randrange(90))]
                for file in make_story_files(*group, quality=quality, published=published)
            ]
        )
        assert moved.items() <= dict(Article.objects.values_list("pk", "story")).items()

    def moved(self):
        """Where articles are that an editor put there."""
        files = ImportedFile.objects.select_related("article")
        return {f.article_id: f.article.story_id for f in files if f.grouped_story != f.article.story_id}

    def stories(self):
        return list(Story.objects.filter(articles__isnull=False).distinct().order_by("pk"))

    def act(self, what):
        stories, articles = self.stories(), list(Article.objects.order_by("pk"))
        some = self.chance.sample(articles, self.chance.randrange(1, 3))
        if what == "release":
            return editing.release_lead(self.chance.choice(stories), self.user)
        if what == "merge":
            return editing.merge(*self.two(stories), self.user)
        if what == "move":
            return editing.move(some, self.chance.choice(stories), self.user)
        if what == "gather":
            return editing.gather(some, self.user)
        if what == "lead":
            return editing.set_lead(some[0], self.user)
        if what == "undo":
            return undo.undo(self.chance.choice(Action.objects.order_by("pk")), self.user)
        story = self.chance.choice(stories)
        members = list(story.articles.order_by("pk"))
        some = self.chance.sample(members, self.chance.randrange(1, len(members) + 1))
        return (editing.split if what == "split" else editing.withdraw)(some, self.user)

    def two(self, stories):
        one, *others = self.chance.sample(stories, self.chance.randrange(2, 4))
        return one, others


def check_invariants():
    assert sorted(Article.objects.values_list("stem", flat=True)) == NAMES
    for story in Story.objects.select_related("lead", "merged_into"):
        if story.articles.exists():
            assert story.lead.story_id == story.pk
            assert story.merged_into is None
            assert story.coverage == story.articles.count()
            assert story.lead.published == story.articles.filter(published=True).exists()
        else:
            assert story.lead is None
        if story.merged_into:
            assert story.merged_into.merged_into is None


ACTS = ["merge", "merge", "split", "split", "move", "move", "withdraw", "lead", "release", "gather", "undo", "import"]


def check_sequences(number):
    """Check that many sequences of edits and imports, found by hypothesis."""

    @given(st.integers(0, 10**9), st.lists(st.sampled_from(ACTS), min_size=3, max_size=10))
    @settings(max_examples=number)
    def check(seed, acts):
        with transaction.atomic():
            desk = Desk(seed)
            desk.import_()
            check_invariants()
            for what in acts:
                if what == "import":
                    desk.import_()
                else:
                    act_and_undo(desk, what)
                check_invariants()
            transaction.set_rollback(True)

    check()


def act_and_undo(desk, what):
    """Do something, undo it, and do it again by undoing that."""
    before, shown = observed(), leads.shown(Story.objects.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            action = desk.act(what)
    except (StoryError, IndexError, ValueError):
        assert observed() == before
        return
    if what != "undo":
        still = Story.objects.filter(pk__in=shown, merged_into=None, articles__isnull=False)
        assert leads.shown(shown) == set(still.values_list("pk", flat=True)), what
    after = observed()
    undone = undo.undo(action, desk.user)
    assert observed() == before, what
    check_invariants()
    undo.undo(undone, desk.user)
    assert observed() == after, what


def test_random_sequences_lose_and_hide_nothing_and_undo_exactly():
    check_sequences(5)


@pytest.mark.slow
def test_many_random_sequences_lose_and_hide_nothing_and_undo_exactly():
    check_sequences(60)

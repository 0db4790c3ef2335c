"""A site that is rewritten 721 times, and an editor who works on it meanwhile. Run by `pytest -m slow`.

What is to be true at the end is kept here by a model of its own: dictionaries, no merge.
"""

import random
import tarfile
from collections import Counter
from dataclasses import dataclass, field

import pytest

from articles.frontmatter import parse
from articles.models import Article, ArticleImage, ArticleTopic, Conflict, Topic
from articles.provenance.values import to_json
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.paths import REPLAY, needs_corpus

pytestmark = [pytest.mark.slow, pytest.mark.django_db, needs_corpus]

EDITS = 200
DEFAULTS = {"title": "", "excerpt": "", "quality": 0, "published": True}
LISTS = ("topics", "images")


@dataclass
class Edit:
    """A field that the editor changed: the file's value then, the editor's, and whether the two conflict now."""

    base: object
    ours: object
    theirs: object = None
    clashes: bool = False


@dataclass
class Model:
    """What each file says, and what the editor made of it."""

    files: dict = field(default_factory=dict)  # by stem: the file's values
    edits: dict = field(default_factory=dict)  # by stem and field
    ever: Counter = field(default_factory=Counter)  # edits and conflicts, by what became of them

    def read(self, stem, said):
        """A file as it comes in."""
        now = {name: said.get(name, default) for name, default in DEFAULTS.items()}
        now["excerpt"] = said.get("excerpt", "")
        now["topics"] = list(dict.fromkeys(said.get("topics", [])))
        now["images"] = [image["url"] for image in said.get("images", [])]
        for name, value in now.items():
            if (edit := self.edits.get((stem, name))) is not None:
                (self.take_list if name in LISTS else self.take)(stem, name, edit, value)
        self.files[stem] = now

    def take(self, stem, name, edit, theirs):
        edit.theirs = theirs
        edit.clashes = theirs not in (edit.base, edit.ours)
        if theirs == edit.ours:
            del self.edits[stem, name]
            self.ever["agreed"] += 1

    def take_list(self, stem, name, edit, theirs):
        added, dropped = set(edit.ours) - set(edit.base), set(edit.base) - set(edit.ours)
        new, gone = set(theirs) - set(edit.base), set(edit.base) - set(theirs)
        replaced_both = dropped & gone and added - set(theirs) and new - set(edit.ours)
        if name == "images" and replaced_both:
            edit.theirs, edit.clashes = theirs, True
            return
        edit.clashes = False
        if set(theirs) != set(edit.base):
            edit.ours = list((set(edit.ours) | new) - gone)
            edit.base = theirs

    def expected(self, stem, name):
        edit = self.edits.get((stem, name))
        return edit.ours if edit else self.files[stem][name]


def upcoming_changes(steps):
    """Every change of a field that the source itself makes: the step's number, stem and field."""
    model, found = Model(), []
    for number, step in enumerate(steps):
        for path in sorted(step.glob("_news/*.md")):
            before = model.files.get(path.stem)
            model.read(path.stem, parse(path.read_bytes()).values)
            now = model.files[path.stem]
            found += [(number, path.stem, name) for name in now if before and before[name] != now[name]]
    return found


def change(chance, model, number, coming):
    """One edit of an article, as the desk would store it; most of what the source is yet to change."""
    stem, name = chance.choice(sorted(model.files)), chance.choice([*DEFAULTS, *LISTS])
    if coming and chance.random() < 0.7:
        stem, name = chance.choice(coming)
    if stem not in model.files or (stem, name) in model.edits:
        return False
    article = Article.objects.get(stem=stem)
    base = model.files[stem][name]
    if name in LISTS:
        ours = change_list(chance, article, name, base, number)
    else:
        ours = {
            "title": f"An editor's title {number}",
            "excerpt": chance.choice(["", f"An editor's excerpt {number}."]),
            "quality": chance.randrange(200),
            "published": not base,
        }[name]
        setattr(article, name, ours)
        article.save(update_fields=[name])
    if ours == base:
        return False
    model.edits[stem, name] = Edit(base, ours)
    return True


def change_list(chance, article, name, base, number):
    """Add, drop or replace an item."""
    item = f"Topic {number % 5}" if name == "topics" else f"https://e.example/{number}.jpg"
    kind = chance.choice(["add", "drop", "replace"])
    dropped = {chance.choice(base)} if base and kind != "add" else set()
    if name == "topics":
        ArticleTopic.objects.filter(content_object=article, tag__name__in=dropped).delete()
    else:
        ArticleImage.objects.filter(article=article, url__in=dropped).delete()
    ours = [known for known in base if known not in dropped]
    if kind == "drop" or item in ours:
        return ours
    if name == "topics":
        topic = Topic.objects.ensure([item])[item]
        ArticleTopic.objects.create(content_object=article, tag=topic, position=99)
    else:
        ArticleImage.objects.create(article=article, url=item, position=99)
    return [*ours, item]


@pytest.mark.parametrize("seed", [1, 2])
def test_after_700_imports_every_edit_and_every_conflict_is_there(tmp_path, seed):
    with tarfile.open(REPLAY) as archive:
        archive.extractall(tmp_path, filter="data")
    steps = sorted(path for path in (tmp_path / "replay").iterdir() if path.is_dir())
    chance, model, edits = random.Random(seed), Model(), 0  # noqa: S311 (a sample, not a secret)
    changes = upcoming_changes(steps)

    for number, step in enumerate(steps):
        import_files(find(str(step)), "replayed")
        for path in sorted(step.glob("_news/*.md")):
            model.read(path.stem, parse(path.read_bytes()).values)
        while edits < EDITS * (number + 1) / len(steps):
            coming = [(stem, name) for place, stem, name in changes if number < place]
            edits += change(chance, model, edits, coming)

    assert edits == EDITS
    assert wrong_values(model) == []
    clashing = {key: edit for key, edit in model.edits.items() if edit.clashes}
    told = {
        (conflict.article.stem, conflict.field): [conflict.base, conflict.ours, conflict.theirs]
        for conflict in Conflict.objects.open().select_related("article")
    }
    print(f"seed {seed}: {edits} edits, {model.ever['agreed']} agreed with later, {len(clashing)} conflicts")
    assert {key: three if key[1] != "images" else urls(three) for key, three in told.items()} == {
        key: [to_json(edit.base), to_json(edit.ours), to_json(edit.theirs)] for key, edit in clashing.items()
    }
    assert len(clashing) >= 5


def wrong_values(model):
    """Fields of articles that are not what the model expects."""
    wrong = []
    for article in Article.objects.with_topics().prefetch_related("images"):
        live = {name: getattr(article, name) for name in DEFAULTS}
        live["topics"] = [topic.name for topic in article.topic_list]
        live["images"] = [image.url for image in article.images.all()]
        for name, value in live.items():
            expected = model.expected(article.stem, name)
            edited = (article.stem, name) in model.edits and name in LISTS
            if (sorted(value) != sorted(expected)) if edited else value != expected:
                wrong.append((article.stem, name, value, expected))
    return wrong


def urls(three):
    return [[image["url"] for image in images] for images in three]

"""An editor's decisions between their own values and a file's: conflicts, and following the file again."""

from typing import Any

from django.db import transaction

from .. import frontmatter
from ..frontmatter import FrontMatterError, Kind
from ..models import Action, Article, Conflict, ImportedFile, Provider, Topic
from ..provenance import conflicts, history, values
from ..provenance.merge import Clash
from ..provenance.values import FIELDS, Values, from_json
from ..stories import leads, links
from ..stories.actions import of_providers, of_renamed, of_topics, quoted, recorded
from ..text.addresses import identity
from . import organizations, topic_values

SUBJECTS: dict[str, Any] = {"article": Article, "topic": Topic, "provider": Provider}  # of conflicts


@transaction.atomic
def resolve(conflict: Conflict, choice: str, user: Any) -> None:
    """Resolve a conflict by one of its values: `choice` is "ours", "theirs" or "base".

    The next import compares with the file as last imported, so that only a new change raises a conflict again.
    Raises ValueError for another choice, a resolved conflict, an unknown base, and a value that is no longer valid.
    """
    if choice not in (Conflict.Choice.OURS, Conflict.Choice.THEIRS, Conflict.Choice.BASE):
        raise ValueError(f"expected ours, theirs or base, found {choice!r}")
    subject, taken = quoted(conflict.subject), Conflict.Choice(choice).label
    what = f"Resolved a conflict about {conflict.field_name} of {subject}: {taken}"
    with recorded(Action(kind=Action.Kind.CHANGE, user=user, what=what)) as record:
        if article := conflict.article:
            record.about(Article, [article.pk])
            record.watch_articles([article.pk])
            record.watch_stories([article.story_id] if article.story_id and conflict.field == "links" else [])
        elif conflict.topic_id:
            record.watch(*of_topics([conflict.topic_id]))
            named = {conflict.field: getattr(conflict, choice)} if conflict.field in ("name", "slug") else {}
            record.watch(*of_renamed(Topic(pk=conflict.topic_id, **named)))
        elif conflict.provider_id:
            record.watch(*of_providers([conflict.provider_id]))
        _resolve(conflict, choice, user)


def _resolve(conflict: Conflict, choice: str, user: Any) -> None:
    conflict = Conflict.objects.select_for_update(of=["self"]).get(pk=conflict.pk)
    if conflict.resolved_at:
        raise ValueError(f"it was resolved before, and took {conflict.get_taken_display()}")
    if choice == Conflict.Choice.BASE and not conflict.base_is_known:
        raise ValueError("there was no file before, so that there is no value before both")
    if choice != Conflict.Choice.OURS:
        _take(conflict, from_json(conflict.field, getattr(conflict, choice)), user)
    conflicts.close(conflict, choice, user)
    conflict.save()


def _take(conflict: Conflict, value: Any, user: Any) -> None:
    if conflict.topic:
        topic_values.store_topic(conflict.topic, {conflict.field: value})
    elif conflict.provider:
        organizations.store_provider(conflict.provider, {conflict.field: value})
    elif conflict.article and conflict.field == "links":
        story = conflict.article.story
        if story:
            links.write_links(story, value or [], story.links.all())
            links.attach(story.source, [identity(link) for link in value or []])
    elif conflict.article:
        store(conflict.article, {conflict.field: value}, user)


@transaction.atomic
def follow(article: Article, field: str, user: Any) -> None:
    """Give a field the value of the article's file, and let it follow the file from now on.

    Raises ValueError for a field that the file does not have.
    """
    file = getattr(article, "file", None)
    if file is None or not file.text or field not in (*FIELDS, "story"):
        raise ValueError(f"expected a field of the article's file, found {field!r}")
    value = file.grouped_story if field == "story" else history.file_values(file)[field]
    what = f"Let {field.replace('_', ' ')} of {quoted(article)} follow its file again"
    with recorded(Action(kind=Action.Kind.CHANGE, user=user, what=what)) as record:
        record.about(Article, [article.pk])
        record.watch_articles([article.pk])
        store(article, {field: value}, user)
        for conflict in Conflict.objects.open().filter(article=article, field=field):
            conflicts.close(conflict, Conflict.Choice.THEIRS, user)
            conflict.save()


def values_of(article_id: int) -> Values:
    """Return an article's current values, with the id of its story."""
    article = Article.objects.select_related("provider").get(pk=article_id)
    return values.from_row(article) | {"story": article.story_id}


@transaction.atomic
def edited(article_id: int, before: Values | None, user: Any) -> None:
    """Follow up on an edit that is stored: record it, and update leads, scores and open conflicts.

    `before` are the values before the edit; None for a new article.
    """
    now = values_of(article_id)
    if before is not None:
        history.record_edit(Article(pk=article_id), user, before, now)
        if before["quality"] != now["quality"]:
            _note_quality(article_id, now["quality"])
    leads.recompute({now["story"], before and before["story"]} - {None}, [article_id])
    conflicts.update_after_edit(article_id, now, user)


def _note_quality(article_id: int, quality: int) -> None:
    """Note what its file says if an article's quality is an editor's: the heat in the file is by the other."""
    file = ImportedFile.objects.filter(article=article_id).first()
    said = history.file_values(file)["quality"] if file and file.text else quality
    Article.objects.filter(pk=article_id).update(filed_quality=None if said == quality else said)


def is_of_file(row: Article | Topic | Provider, field: str, value: Any) -> bool:
    """Return whether a row has a file, and that file says this value of a field, so that nobody else decided it."""
    said = _said(row)
    return field in said and not differ(said[field], value)


def _said(row: Article | Topic | Provider) -> Values:
    """Return what the file of a row says, as it was last imported; nothing if it has none."""
    if isinstance(row, Article):
        file = ImportedFile.objects.filter(article=row).first()
        return history.file_values(file) | {"story": file.grouped_story} if file and file.text else {}
    if not row.file_text:
        return {}
    try:
        if isinstance(row, Provider):
            return organizations.said_by_file(row)
        said = topic_values.in_file(row.file_name, frontmatter.parse(row.file_text, Kind.TOPIC).values)
    except FrontMatterError:  # an earlier release could read it
        return {}
    return said | {"parent": row.file_parent.name if row.file_parent else ""}


def differ(one: Any, other: Any) -> bool:
    """Return whether two values differ in more than line ends, which a browser changes."""
    if isinstance(one, str) and isinstance(other, str):
        return one.replace("\r\n", "\n") != other.replace("\r\n", "\n")
    return bool(one != other)


def keep_overwritten(subject: str, pk: int, seen: Values, before: Values, now: Values) -> list[str]:
    """Keep a conflict for each field that both an import and an editor changed while the editor's form was open.

    `seen` are the values that the form showed, `before` those that were stored meanwhile. What a person stored is no
    file's: the form told its editor of that. Returns the names of these fields.
    """
    row = SUBJECTS[subject].objects.get(pk=pk)
    clashes = [
        Clash(name, base, now[name], before[name])
        for name, base in seen.items()
        if name in before and differ(base, before[name]) and differ(before[name], now[name])
        if is_of_file(row, name, before[name])
    ]
    known = conflicts.open_on(subject, [pk])
    names = [clash.field for clash in clashes]
    conflicts.keep(subject, {pk: clashes}, known, names, None)
    return names


def store(article: Article, changes: Values, user: Any) -> None:
    """Store some fields of an article, record who changed them, and update leads and scores.

    Raises LeadError if that would hide its story, of which it is the lead.
    """
    row = Article.objects.select_for_update(of=["self"]).select_related("provider").get(pk=article.pk)
    if "story" in changes:
        story = leads.live_story(changes["story"])
        changes = changes | {"story": story and story.pk}
    for loss in leads.losses([row.pk]) if leads.takes_away(row, changes) else ():
        raise leads.LeadError(f"“{row}” {loss} Change it in the article's form, which asks what to do with the story")
    before = values.from_row(row)
    touched = {row.story_id}
    if "story" in changes:
        history.record_edit(row, user, {"story": row.story_id}, {"story": changes["story"]})
        row.story_id = changes["story"]
        row.save(update_fields=["story", "updated_at"])
        touched.add(row.story_id)
    changes = {name: value for name, value in changes.items() if name in FIELDS}
    values.write({row.pk: changes} if changes else {}, {row.pk: row})
    history.record_edit(row, user, {name: before[name] for name in changes}, changes)
    if "quality" in changes:
        _note_quality(row.pk, changes["quality"])
    leads.recompute({story_id for story_id in touched if story_id}, [row.pk])

"""One record of what people did: the log of Django's forms becomes a part of it, as far as it is not there yet."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

BATCH = 1000
SAME = timedelta(minutes=1)  # within which two records of a person about one row are of one step
MODELS = ("article", "story", "relatedlink", "boost", "pin", "topic", "provider", "source")
KINDS = {1: "add", 2: "change", 3: "delete"}
VERBS = {1: "Added", 2: "Changed", 3: "Deleted"}


def note_models(apps, schema_editor):
    rows = apps.get_model("articles", "ActionRow").objects.filter(action=OuterRef("pk")).order_by("pk")
    actions = apps.get_model("articles", "Action").objects
    actions.update(about=Coalesce(Subquery(rows.values("model")[:1]), Value("")))


def _told(apps, model, **of):
    """Return the condition that an action tells of a record."""
    rows = apps.get_model("articles", "ActionRow").objects.filter(model=model, **of)
    return Exists(rows.filter(action__at__gte=OuterRef("at") - SAME, action__at__lte=OuterRef("at") + SAME))


def note_changes(apps, schema_editor):
    edits = apps.get_model("articles", "Change").objects.filter(by_import=False)
    told = _told(apps, "article", key=OuterRef("article"), action__user=OuterRef("user"))
    edits.filter(told).update(in_action=True)


def words(entry, name):
    """Return what an entry of Django's log says, as an action has it."""
    title = entry.object_repr if len(entry.object_repr) <= 80 else entry.object_repr[:79].rstrip() + "…"
    what = f"{VERBS[entry.action_flag]} the {name} “{title}”"
    try:
        parts = [part for change in json.loads(entry.change_message or "[]") for part in change.values()]
        fields = [field.lower() for part in parts for field in part.get("fields") or [part.get("name") or ""]]
    except (ValueError, AttributeError, TypeError):
        return f"{what}: {entry.change_message}" if entry.change_message else what
    fields = ", ".join(dict.fromkeys(filter(None, fields)))
    return f"{what}: {fields}" if fields and entry.action_flag == 2 else what


def take_log(apps, schema_editor):
    """Make an action of each entry that no action tells of. What changed in an article is told by its changes."""
    log, kinds = apps.get_model("admin", "LogEntry").objects, apps.get_model("contenttypes", "ContentType").objects
    for kind in kinds.filter(app_label="articles", model__in=MODELS):
        entries = log.filter(content_type=kind, action_flag__in=KINDS).annotate(at=F("action_time")).order_by("pk")
        if kind.model == "article":
            entries = entries.exclude(action_flag=2)
        known = set()
        if entries.exists():
            known = set(_known(apps, kind.model))
        entries = (e for e in entries.iterator(BATCH) if (e.object_id or "").isdecimal())
        made = [e for e in entries if not _is_known(e, known)]
        for start in range(0, len(made), BATCH):
            _store(apps, kind.model, made[start : start + BATCH])


def _known(apps, model):
    rows = apps.get_model("articles", "ActionRow").objects.filter(model=model, action__user__isnull=False)
    for key, user, at in rows.values_list("key", "action__user", "action__at").iterator(BATCH):
        yield key, user, int(at.timestamp() // 60)


def _is_known(entry, known):
    minute = int(entry.at.timestamp() // 60)
    return any((int(entry.object_id), entry.user_id, minute + n) in known for n in (-1, 0, 1))


def _store(apps, model, entries):
    action_model, row_model = apps.get_model("articles", "Action"), apps.get_model("articles", "ActionRow")
    name = {"relatedlink": "related link"}.get(model, model)
    actions = action_model.objects.bulk_create(
        action_model(kind=KINDS[e.action_flag], what=words(e, name), user_id=e.user_id, at=e.at, about=model)
        for e in entries
    )
    for action, entry in zip(actions, entries, strict=True):
        action.at = entry.at  # which `auto_now_add` wrote over
    action_model.objects.bulk_update(actions, ["at"], batch_size=BATCH)
    row_model.objects.bulk_create(
        row_model(action=action, model=model, key=int(entry.object_id), before={}, after={})
        for action, entry in zip(actions, entries, strict=True)
    )


def index(name, first):
    return migrations.AddIndex("action", models.Index(fields=[*first, "-at", "-id"], name=name))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0031_story"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField("action", "at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
        migrations.AddField(
            "action",
            "about",
            models.CharField(
                blank=True, default="", help_text="The model of what it is about first.", max_length=20
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "change",
            "in_action",
            models.BooleanField(default=False, help_text="Whether an action tells of it too."),
        ),
        index("action_by_time", []),
        index("action_by_user", ["user"]),
        index("action_by_kind", ["kind"]),
        index("action_by_model", ["about"]),
        migrations.RunPython(note_models, migrations.RunPython.noop),
        migrations.RunPython(note_changes, migrations.RunPython.noop),
        migrations.RunPython(take_log, migrations.RunPython.noop),
    ]

"""The record of what editors did to stories becomes the one of all that people do, with a row for each row changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ._triggers import check_rows

KINDS = [
    ("merge", "merged"),
    ("split", "split"),
    ("move", "moved articles"),
    ("withdraw", "withdrew articles"),
    ("lead", "set the lead"),
    ("release", "released the lead"),
    ("text", "wrote headline and summary"),
    ("add", "added"),
    ("change", "changed"),
    ("delete", "deleted"),
    ("publish", "published"),
    ("unpublish", "unpublished"),
    ("remove", "removed for good"),
    ("restore", "restored"),
    ("accept", "accepted a suggestion"),
    ("reject", "rejected a suggestion"),
    ("ignore", "ignored a suggestion"),
    ("undo", "undid"),
]
COLUMNS = {
    "stories": ("story", ("headline", "summary", "chosen_lead_id", "merged_into_id")),
    "articles": ("article", ("story_id", "published")),
}


def rows_of(action):
    """Yield what an action of before changed: model, key, and the columns that differ, before and after."""
    told = False
    for name, (model, columns) in COLUMNS.items():
        for key, before in action.before.get(name, {}).items():
            after = action.after.get(name, {}).get(key, before)
            differ = [(c, b, a) for c, b, a in zip(columns, before, after, strict=True) if b != a]
            told = told or (model == "story" and int(key) == action.story_id)
            yield model, int(key), {c: b for c, b, _ in differ}, {c: a for c, _, a in differ}
    if action.story_id and not told:
        yield "story", action.story_id, {}, {}


def make_rows(apps, schema_editor):
    row_model = apps.get_model("articles", "ActionRow")
    for action in apps.get_model("articles", "Action").objects.order_by("pk").iterator():
        rows = list(rows_of(action))
        row_model.objects.bulk_create(
            row_model(action=action, model=model, key=key, before=before, after=after)
            for model, key, before, after in rows
        )
        if any(after.get("merged_into_id") for _, _, _, after in rows):
            action.story_articles = action.before.get("concerned", [])
            action.save()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0025_filed_quality"),
        ("contenttypes", "0002_remove_content_type_name"),  # a model is renamed
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RenameModel("StoryAction", "Action"),
        migrations.AlterModelOptions("action", options={"ordering": ["-at", "-pk"]}),
        migrations.AlterField("action", "kind", models.CharField(choices=KINDS, max_length=10)),
        migrations.AlterField(
            "action", "at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="when")
        ),
        migrations.AddField(
            "action", "what", models.TextField(blank=True, default="", help_text="In words, with the names that things had then."),
            preserve_default=False,
        ),
        migrations.AddField(
            "action",
            "story_articles",
            models.JSONField(
                default=list,
                help_text="Of a merge: the articles that were in its stories. Those that join later go along.",
            ),
        ),
        migrations.AddField(
            "action",
            "shown",
            models.JSONField(default=list, help_text="The stories that readers saw before it, of those it is about."),
        ),
        migrations.AddField(
            "action",
            "total",
            models.PositiveIntegerField(default=0, help_text="The number of articles that were chosen for it."),
        ),
        migrations.AddField(
            "action",
            "left",
            models.JSONField(default=list, help_text="The articles that it still has to change, by id."),
        ),
        migrations.AddField(
            "action",
            "is_begun",
            models.BooleanField(default=True, help_text="If not, it only shows what it will change."),
        ),
        migrations.CreateModel(
            "ActionRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=20)),
                ("key", models.BigIntegerField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="articles.action"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["model", "key"], name="actionrow_of_row")],
            },
        ),
        migrations.RunPython(make_rows, migrations.RunPython.noop),
        migrations.RunPython(check_rows, check_rows),
        migrations.RemoveField("action", "story"),
        migrations.RemoveField("action", "before"),
        migrations.RemoveField("action", "after"),
    ]

"""When articles go live and end, what readers are told about them, and how a person wants to see the admin."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from articles.db.fields import VerbatimTextField
from articles.models.fields import validate_marks

from ._triggers import without_triggers


def elect_later(apps, schema_editor):
    """Let stories with articles of the future elect their leads anew."""
    now = timezone.now()
    later = apps.get_model("articles", "Article").objects.filter(published=True, published_at__gt=now)
    stories = apps.get_model("articles", "Story").objects.filter(pk__in=later.values("story"))
    stories.update(elect_at=now)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0027_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "time_zone",
                    models.CharField(blank=True, help_text="Its name, such as Europe/Berlin.", max_length=64),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preference",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        *without_triggers(
            migrations.AddField(
                "article",
                "live_at",
                models.DateTimeField(
                    blank=True,
                    help_text="Readers do not see it before. If empty, at its date.",
                    null=True,
                    verbose_name="goes live at",
                ),
            ),
            migrations.AddField(
                "article",
                "ends_at",
                models.DateTimeField(
                    blank=True,
                    help_text="Readers do not see it from then on. If empty, it never ends.",
                    null=True,
                    verbose_name="ends at",
                ),
            ),
            migrations.AddField(
                "article",
                "withdrawal_note",
                VerbatimTextField(
                    blank=True,
                    help_text="If it is removed, its address shows only this. If empty, its address is not found.",
                    max_length=1000,
                    validators=[validate_marks],
                    verbose_name="public note",
                ),
            ),
            migrations.AddField(
                "article",
                "correction",
                VerbatimTextField(
                    blank=True,
                    help_text="What was wrong and is right now. Readers see it on its page and in feeds.",
                    max_length=1000,
                    validators=[validate_marks],
                ),
            ),
            migrations.AlterField(
                "article",
                "published_at",
                models.DateTimeField(
                    db_index=True, help_text="When the outlet published it.", verbose_name="published"
                ),
            ),
            migrations.AddField("article", "corrected_at", models.DateTimeField(editable=False, null=True)),
            migrations.AddField(
                "story",
                "elect_at",
                models.DateTimeField(
                    editable=False,
                    help_text="From when on another article may lead, by the times of its articles.",
                    null=True,
                ),
            ),
            migrations.AddIndex(
                "story",
                models.Index(
                    condition=models.Q(("elect_at__isnull", False)), fields=["elect_at"], name="story_elect_at"
                ),
            ),
        ),
        *(
            migrations.AlterField(
                model, "until", models.DateTimeField(blank=True, help_text="If empty, it never ends.", null=True)
            )
            for model in ("boost", "pin")
        ),
        migrations.RunPython(elect_later, migrations.RunPython.noop),
    ]

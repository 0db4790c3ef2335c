"""Files that people send to be imported, issues that they edit, and what they tell readers of an article."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from articles.db.fields import VerbatimTextField
from articles.models.fields import validate_marks

from ._triggers import without_triggers


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0033_taxonomy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(auto_now=True, db_index=True, help_text="When anything happened to it last."),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="The site. If empty, the files say which.", max_length=50
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waiting for files"),
                            ("checking", "being checked"),
                            ("checked", "checked"),
                            ("importing", "being imported"),
                            ("done", "imported"),
                            ("failed", "failed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "files",
                    models.JSONField(
                        default=list, help_text="Each file's name, its size, and whether all of it is there."
                    ),
                ),
                ("report", models.JSONField(default=dict, help_text="What importing them would do, or did.")),
                ("problem", models.TextField(blank=True, help_text="Why it could not be checked or imported.")),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="articles.importrun",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
        *without_triggers(
            migrations.AddField(
                "article",
                "note",
                VerbatimTextField(
                    blank=True,
                    help_text="What you tell readers about it. They see it on its card, on its page and in the "
                    "newsletter.",
                    max_length=1000,
                    validators=[validate_marks],
                    verbose_name="editor's note",
                ),
            ),
        ),
        migrations.AlterModelOptions("issuearticle", {"ordering": ["position", "pk"]}),
        migrations.RemoveConstraint("issuearticle", "issuearticle_has_its_own_position"),
        migrations.AddField(
            "issue",
            "introduction",
            models.TextField(
                blank=True,
                help_text="What readers read before the articles.",
                max_length=5000,
                validators=[validate_marks],
                verbose_name="introduction",
            ),
        ),
        migrations.AddField(
            "issue",
            "in_own_order",
            models.BooleanField(
                default=False,
                editable=False,
                help_text="An editor moved articles: they stand in one list, without sections.",
            ),
        ),
        migrations.AddField(
            "issuearticle",
            "is_put_in",
            models.BooleanField(default=False, help_text="An editor put it in, whenever it was published."),
        ),
        migrations.AlterField(
            "issuearticle",
            "position",
            models.PositiveSmallIntegerField(
                help_text="By heat at the time it was chosen, or as an editor moved it."
            ),
        ),
    ]

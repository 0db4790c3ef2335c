"""What outlets and topics that were merged into others lead to."""

import django.db.models.deletion
from django.db import migrations, models

from ._triggers import without_triggers


class Migration(migrations.Migration):
    dependencies = [("articles", "0032_history")]

    operations = [
        *without_triggers(
            migrations.AddField(
                "article",
                "provider_domain",
                models.CharField(
                    blank=True,
                    editable=False,
                    help_text="The outlet's domain in the file, if that one was merged into the provider.",
                    max_length=253,
                ),
            ),
            migrations.AddField(
                "relatedlink",
                "provider_domain",
                models.CharField(
                    blank=True,
                    editable=False,
                    help_text="As in the file, if that one was merged into the provider.",
                    max_length=253,
                ),
            ),
        ),
        migrations.AddField(
            "topicalias",
            "is_merged",
            models.BooleanField(
                default=False,
                help_text="Its topic was merged into this one: files that describe it do not make it again.",
            ),
        ),
        migrations.CreateModel(
            name="ProviderAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253, unique=True)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="articles.provider"
                    ),
                ),
            ],
            options={"verbose_name_plural": "provider aliases"},
        ),
    ]

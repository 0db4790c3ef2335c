from django.db import migrations, models
from django.db.models import Q

import articles.models

from ._triggers import check_rows, without_triggers

OLD = {"quality": 0, "heat": 0, "published": False}  # what keys got that a new file lacked


def read_again(apps, schema_editor):
    """Let the next import read files again that lack such keys: they mean something else now.

    Until then the file is compared with the values that it got, so that these do not look like an editor's.
    """
    files = apps.get_model("articles", "ImportedFile").objects.exclude(text="")
    for name in OLD:
        lacking = files.exclude(text__contains=f"\n{name}: ")
        for file in lacking.exclude(kept__has_key=name).only("kept").iterator():
            file.kept = {**file.kept, name: OLD[name]}
            file.save(update_fields=["kept"])
        lacking.update(digest="")
    files.filter(address="").update(digest="")  # their address is now their time and title


def figures_by_hand(apps, schema_editor):
    """Keep the figures of sites where a person set them."""
    sites = apps.get_model("articles", "Source").objects
    sites.exclude(heat_weight=20, heat_threshold=50, publish_threshold=70).update(fits_figures=False)


class Migration(migrations.Migration):
    """An article may have no heat, a related link no address, and a site takes its figures from its files."""

    dependencies = [
        ("articles", "0016_plain_words"),
    ]

    operations = [
        migrations.AddField("source", "fits_figures", models.BooleanField(
            "take figures from files", default=True,
            help_text="Take weight and thresholds from what the site's files say. Switch it off to set them here.",
        )),
        migrations.AddField("source", "fit", models.JSONField(
            default=dict, editable=False,
            help_text="What files say of each figure: the value, how many agree, of how many, how many with the "
            "default.",
        )),
        *without_triggers(migrations.AlterField("article", "heat", models.BigIntegerField(
            blank=True, default=0, null=True,
            help_text="Quality, plus what the story adds. -1 if another article leads the story. Empty if no file "
            "says it.",
        ))),
        migrations.AlterField("importedfile", "kept", models.JSONField(
            blank=True, default=dict, editable=False,
            help_text="Values that an earlier release gave keys which the file lacks.",
        )),
        migrations.RunPython(read_again, migrations.RunPython.noop),
        migrations.RunPython(figures_by_hand, migrations.RunPython.noop),
        migrations.RunPython(check_rows, migrations.RunPython.noop),
        migrations.AlterField("importedfile", "address", models.CharField(
            blank=True, db_index=True, editable=False, max_length=2048,
            help_text="What other files know it by: its webUrl, or else its time and title.",
        )),
        migrations.RemoveConstraint("relatedlink", "relatedlink_has_address"),
        migrations.RemoveConstraint("relatedlink", "relatedlink_once_a_story"),
        migrations.AlterField("relatedlink", "web_url", articles.models.AddressField()),
        migrations.AddConstraint("relatedlink", models.UniqueConstraint(
            fields=["story", "web_url"], condition=~Q(web_url=""), name="relatedlink_once_a_story",
        )),
        migrations.AddIndex("relatedlink", models.Index(fields=["web_url"], name="relatedlink_by_address")),
    ]

from django.db import migrations, models


def read_again(apps, schema_editor):
    """Files imported by version 0.1 were not kept: the next import reads them all, and finds their stories as
    they are."""
    files = apps.get_model("articles", "ImportedFile").objects
    story = apps.get_model("articles", "Article").objects.filter(pk=models.OuterRef("pk")).values("story")
    files.update(grouped_key="?", grouped_story=models.Subquery(story))


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0002_merge"),
    ]

    operations = [
        migrations.RunPython(read_again, migrations.RunPython.noop, elidable=True),
    ]

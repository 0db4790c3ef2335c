from importlib import import_module

from django.db import migrations

moves = import_module("articles.migrations.0006_moves")


class Migration(migrations.Migration):
    """A list no longer remembers where an article stood before it was ranked anew."""

    dependencies = [
        ("articles", "0012_forget_who_waits"),
    ]

    operations = [
        migrations.RunPython(moves.drop_trigger, moves.make_trigger),
        migrations.DeleteModel("Move"),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """The column keeps its name; only Python calls it something else."""

    dependencies = [
        ("articles", "0014_reindex_request"),
    ]

    operations = [
        migrations.AlterField("article", "own_heat", models.BooleanField(
            db_column="own_heat", default=True, editable=False,
            help_text="No file says its heat as its story now is: it is computed here.",
        )),
        migrations.RenameField("article", "own_heat", "heat_is_computed"),
    ]

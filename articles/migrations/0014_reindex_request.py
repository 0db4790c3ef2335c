from django.db import migrations


class Migration(migrations.Migration):
    """A request to index an article again is called that. Its table keeps its name, which triggers use."""

    dependencies = [
        ("articles", "0013_drop_moves"),
    ]

    operations = [
        migrations.AlterModelTable("unindexed", "articles_unindexed"),
        migrations.AlterModelOptions("unindexed", {}),
        migrations.RenameModel("Unindexed", "ReindexRequest"),
    ]

from django.db import migrations, models

from ._triggers import without_triggers


class Migration(migrations.Migration):
    dependencies = [("articles", "0024_accounts")]

    operations = without_triggers(
        migrations.AddField(
            "article",
            "filed_quality",
            models.PositiveBigIntegerField(
                editable=False,
                help_text="What its file says, where an editor says something else: heat in the file is by this quality.",
                null=True,
            ),
        )
    )

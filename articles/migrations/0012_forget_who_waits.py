from datetime import timedelta

from django.db import migrations, models
from django.utils import timezone


def begin_to_forget(apps, schema_editor):
    """Who waits and was never written to has the week, too, after which who does not confirm is forgotten."""
    waiting = apps.get_model("articles", "Subscriber").objects.filter(state="pending", asked_at=None)
    waiting.update(asked_at=timezone.now() - timedelta(hours=1))


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0011_place_outlives_article'),
    ]

    operations = [
        migrations.AlterField(
            model_name='subscriber',
            name='asked_at',
            field=models.DateTimeField(editable=False, help_text='When it was last written to; until then, an hour before it was added.', null=True, verbose_name='asked'),
        ),
        migrations.RunPython(begin_to_forget, migrations.RunPython.noop, elidable=True),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0022_imports'),
    ]

    operations = [
        migrations.CreateModel(
            name='LastRun',
            fields=[
                ('command', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
    ]

"""What is typed in the admin is kept until it is saved; and constraints say in words what they expect."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0026_actions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(help_text='The model that the form is about, such as articles.article.', max_length=100)),
                ('row', models.CharField(help_text='Its id, or "new".', max_length=20)),
                ('values', models.TextField(help_text='The fields, as in the query of an address.')),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='KeptFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AlterConstraint(
            model_name='article',
            name='article_is_source_and_stem',
            constraint=models.UniqueConstraint(fields=('source', 'stem'), name='article_is_source_and_stem', violation_error_message='Another article of this source has this file name. Choose another one.'),
        ),
        migrations.AlterConstraint(
            model_name='article',
            name='article_has_stem',
            constraint=models.CheckConstraint(condition=models.Q(('stem', ''), _negated=True), name='article_has_stem', violation_error_message='Enter a file name, or a title and a date that one can be made of.'),
        ),
        migrations.AlterConstraint(
            model_name='article',
            name='article_has_title',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='article_has_title', violation_error_message='Enter a title.'),
        ),
        migrations.AlterConstraint(
            model_name='article',
            name='article_quality_not_negative',
            constraint=models.CheckConstraint(condition=models.Q(('quality__gte', 0)), name='article_quality_not_negative', violation_error_message='Enter a quality of 0 or more.'),
        ),
        migrations.AlterConstraint(
            model_name='article',
            name='article_type_known',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['article', 'video'])), name='article_type_known', violation_error_message='Choose article or video.'),
        ),
        migrations.AlterConstraint(
            model_name='articletopic',
            name='articletopic_name_once',
            constraint=models.UniqueConstraint(fields=('content_object', 'name'), name='articletopic_name_once', violation_error_message='The article has this topic already.'),
        ),
        migrations.AlterConstraint(
            model_name='conflict',
            name='conflict_once_open_on_article',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('article', 'field'), name='conflict_once_open_on_article', violation_error_message='There is an open conflict about this field already.'),
        ),
        migrations.AlterConstraint(
            model_name='conflict',
            name='conflict_once_open_on_topic',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('topic', 'field'), name='conflict_once_open_on_topic', violation_error_message='There is an open conflict about this field already.'),
        ),
        migrations.AlterConstraint(
            model_name='conflict',
            name='conflict_once_open_on_provider',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('provider', 'field'), name='conflict_once_open_on_provider', violation_error_message='There is an open conflict about this field already.'),
        ),
        migrations.AlterConstraint(
            model_name='deletedarticle',
            name='deletedarticle_is_source_and_stem',
            constraint=models.UniqueConstraint(fields=('source', 'stem'), name='deletedarticle_is_source_and_stem', violation_error_message='An article of this source and file name was deleted already.'),
        ),
        migrations.AlterConstraint(
            model_name='delivery',
            name='delivery_once',
            constraint=models.UniqueConstraint(fields=('issue', 'subscriber'), name='delivery_once', violation_error_message='This subscriber has a delivery of this issue already.'),
        ),
        migrations.AlterConstraint(
            model_name='importedtable',
            name='importedtable_once_a_source',
            constraint=models.UniqueConstraint(fields=('source', 'place'), name='importedtable_once_a_source', violation_error_message='This source has a table of this name already.'),
        ),
        migrations.AlterConstraint(
            model_name='issue',
            name='issue_once_of_a_site',
            constraint=models.UniqueConstraint(fields=('date', 'period', 'source'), name='issue_once_of_a_site', violation_error_message='This site has an issue of this day and period already.'),
        ),
        migrations.AlterConstraint(
            model_name='issue',
            name='issue_once_of_all_sites',
            constraint=models.UniqueConstraint(condition=models.Q(('source', None)), fields=('date', 'period'), name='issue_once_of_all_sites', violation_error_message='There is an issue of this day and period already.'),
        ),
        migrations.AlterConstraint(
            model_name='issuearticle',
            name='issuearticle_has_its_own_position',
            constraint=models.UniqueConstraint(fields=('issue', 'position'), name='issuearticle_has_its_own_position', violation_error_message='Another article of the issue has this position.'),
        ),
        migrations.AlterConstraint(
            model_name='mailrequest',
            name='mailrequest_once',
            constraint=models.UniqueConstraint(fields=('kind', 'email'), name='mailrequest_once', violation_error_message='This mail was asked for already.'),
        ),
        migrations.AlterConstraint(
            model_name='pin',
            name='pin_on_one_page',
            constraint=models.CheckConstraint(condition=models.Q(('topic', None), ('provider', None), _connector='OR'), name='pin_on_one_page', violation_error_message='Choose a topic or a provider, not both; neither for the front page.'),
        ),
        migrations.AlterConstraint(
            model_name='relateditem',
            name='relateditem_once_a_source',
            constraint=models.UniqueConstraint(fields=('source', 'digest'), name='relateditem_once_a_source', violation_error_message='This source has this related item already.'),
        ),
        migrations.AlterConstraint(
            model_name='relatedlink',
            name='relatedlink_once_a_story',
            constraint=models.UniqueConstraint(condition=models.Q(('web_url', ''), _negated=True), fields=('story', 'web_url'), name='relatedlink_once_a_story', violation_error_message='This story has a link to this address already.'),
        ),
        migrations.AlterConstraint(
            model_name='subscriber',
            name='subscriber_email_in_small_letters',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='subscriber_email_in_small_letters', violation_error_message='Write the email address in small letters.'),
        ),
        migrations.AlterConstraint(
            model_name='suggestion',
            name='suggestion_once',
            constraint=models.UniqueConstraint(fields=('article', 'other', 'kind'), name='suggestion_once', violation_error_message='These two articles were suggested already.'),
        ),
        migrations.AddField(
            model_name='draft',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='keptfile',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('user', 'form', 'row'), name='draft_once_a_form', violation_error_message='This person has a draft of this form already.'),
        ),
    ]

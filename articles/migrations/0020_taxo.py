import re

import django.db.models.deletion
from django.db import migrations, models

import articles.models.taxonomy
from articles.text.domains import normal_domain

from ._triggers import check_rows, without_triggers

NAME_LINKS = (
    "UPDATE articles_articletopic SET name ="
    " (SELECT name FROM articles_topic WHERE articles_topic.id = articles_articletopic.tag_id)"
)


def keep_parents(apps, schema_editor):
    """Store which topic a topic's file names as its parent."""
    topics = apps.get_model("articles", "Topic").objects
    named = dict(topics.values_list("name", "pk"))
    for topic in topics.exclude(file_text="").only("file_text"):
        found = re.search(r"(?m)^parent:[ \t]*(.*?)[ \t\r]*$", topic.file_text)
        topic.file_parent_id = named.get(found[1].strip("\"'")) if found else None
        topic.save(update_fields=["file_parent"])


def join_providers(apps, schema_editor):
    """Make providers whose domains have one normal form one provider, and its domain that form."""
    model = {name: apps.get_model("articles", name) for name in ("Provider", "ProviderImage", "Story")}
    spellings = {}
    for pk, domain, described in model["Provider"].objects.values_list("pk", "domain", "is_organization"):
        spellings.setdefault(normal_domain(domain), []).append((not described, domain != normal_domain(domain), pk))
    spellings = {domain: sorted(rows) for domain, rows in spellings.items() if any(row[1] for row in rows)}
    for domain, ((_, _, kept), *others) in spellings.items():
        for _, _, other in others:
            _join(apps, model["ProviderImage"].objects, kept, other)
            model["Provider"].objects.filter(pk=other).delete()
        model["Provider"].objects.filter(pk=kept).update(domain=domain)
    for story in model["Story"].objects.exclude(imported_links=[]).only("imported_links") if spellings else ():
        for link in story.imported_links:
            link["provider"]["domain"] = normal_domain(link["provider"]["domain"])
        story.save(update_fields=["imported_links"])


def _join(apps, logos, kept, other):
    """Give a provider what another has. Where both have logos for a site, those of the other go."""
    for name in ("Article", "RelatedLink", "Pin", "Conflict"):
        apps.get_model("articles", name).objects.filter(provider=other).update(provider=kept)
    there = set(logos.filter(provider=kept).values_list("source", flat=True))
    for source in set(logos.filter(provider=other).values_list("source", flat=True)) - there:
        logos.filter(provider=other, source=source).update(provider=kept)


class Migration(migrations.Migration):
    """Links have the names that files print, topics their former names, and an outlet one domain in normal form."""

    dependencies = [
        ("articles", "0019_api"),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, null=True, unique=True)),
                ("slug", models.SlugField(allow_unicode=True, max_length=100, null=True, unique=True)),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="articles.topic"
                    ),
                ),
            ],
            options={"verbose_name_plural": "topic aliases"},
        ),
        *without_triggers(
            migrations.RemoveConstraint("articletopic", "articletopic_once"),
            migrations.AddField(
                "articletopic",
                "name",
                articles.models.taxonomy.PrintedNameField(
                    default="", editable=False, help_text="As the file prints it.", max_length=100
                ),
            ),
            migrations.RunSQL(NAME_LINKS, migrations.RunSQL.noop),
            migrations.AddConstraint(
                "articletopic", models.UniqueConstraint(fields=("content_object", "name"), name="articletopic_name_once")
            ),
            migrations.AddField(
                "provider",
                "file_site",
                models.CharField(blank=True, default="", editable=False, help_text="The site of that file.", max_length=50),
            ),
            migrations.AddField(
                "topic",
                "file_name",
                models.CharField(blank=True, default="", editable=False, help_text="Its name.", max_length=255),
            ),
            migrations.AddField(
                "topic",
                "file_site",
                models.CharField(blank=True, default="", editable=False, help_text="Its site.", max_length=50),
            ),
            migrations.AddField(
                "topic",
                "file_parent",
                models.ForeignKey(
                    editable=False,
                    help_text="The parent that it names.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="articles.topic",
                ),
            ),
        ),
        migrations.RunPython(keep_parents, migrations.RunPython.noop),
        migrations.RunPython(join_providers, migrations.RunPython.noop),
        migrations.RunPython(check_rows, migrations.RunPython.noop),
    ]

import django.db.models.deletion
from django.db import migrations, models

ARTICLE = "title, excerpt, published, removed, published_at, quality, provider_id, provider_name"
SHOWN = "{0}.published AND NOT {0}.removed"
NOTE = "INSERT INTO articles_unindexed (article_id)"
BY_PROVIDER = f"{NOTE} SELECT id FROM articles_article a WHERE a.provider_id = NEW.id AND {SHOWN.format('a')}"
BY_TOPIC = (
    f"{NOTE} SELECT a.id FROM articles_articletopic t JOIN articles_article a ON a.id = t.content_object_id"
    f" WHERE t.tag_id = NEW.id AND {SHOWN.format('a')}"
)
BY_LINK = f"{NOTE} SELECT id FROM articles_article a WHERE a.id = {{0}}.content_object_id AND {SHOWN.format('a')}"


def differs(names, word):
    old, new = (", ".join(f"{row}.{name.strip()}" for name in names.split(",")) for row in ("OLD", "NEW"))
    return f"({old}) {word} ({new})"


def triggers(word):
    """Name, event, table, condition and statement of each. `word` is what says that values differ, NULL or not."""
    changed = f"({SHOWN.format('OLD')} OR {SHOWN.format('NEW')}) AND {differs(ARTICLE, word)}"
    return [
        ("article_made", "INSERT", "article", SHOWN.format("NEW"), f"{NOTE} VALUES (NEW.id)"),
        ("article_changed", f"UPDATE OF {ARTICLE}", "article", changed, f"{NOTE} VALUES (NEW.id)"),
        ("topic_added", "INSERT", "articletopic", "1 = 1", BY_LINK.format("NEW")),
        ("topic_taken", "DELETE", "articletopic", "1 = 1", BY_LINK.format("OLD")),
        ("provider_named", "UPDATE OF name, domain", "provider", differs("name, domain", word), BY_PROVIDER),
        ("topic_named", "UPDATE OF name", "topic", differs("name", word), BY_TOPIC),
    ]


def make(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    if sqlite:
        schema_editor.execute(
            "CREATE VIRTUAL TABLE articles_searchwords USING fts5"
            "(words, tokenize = \"ascii tokenchars ':'\", prefix = '1 2 3', columnsize = 0)"
        )
        schema_editor.execute(
            "CREATE TRIGGER articles_search_gone AFTER DELETE ON articles_searchentry"
            " BEGIN DELETE FROM articles_searchwords WHERE rowid = OLD.place; END"
        )
    else:
        schema_editor.execute("ALTER TABLE articles_searchentry ADD COLUMN words tsvector NOT NULL DEFAULT ''")
        schema_editor.execute("CREATE INDEX search_words ON articles_searchentry USING gin (words)")
    for name, event, table, condition, statement in triggers("IS NOT" if sqlite else "IS DISTINCT FROM"):
        head = f"CREATE TRIGGER articles_search_{name} AFTER {event} ON articles_{table} FOR EACH ROW"
        if sqlite:
            schema_editor.execute(f"{head} WHEN {condition} BEGIN {statement}; END")
        else:
            schema_editor.execute(
                f"CREATE FUNCTION articles_search_{name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {statement}; RETURN NULL; END $$"
            )
            schema_editor.execute(f"{head} WHEN ({condition}) EXECUTE FUNCTION articles_search_{name}()")
    schema_editor.execute(f"{NOTE} SELECT id FROM articles_article a WHERE {SHOWN.format('a')}")


def drop(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for name, _, table, *_ in triggers("IS NOT"):
        on = "" if sqlite else f" ON articles_{table}"
        schema_editor.execute(f"DROP TRIGGER articles_search_{name}{on}")
        if not sqlite:
            schema_editor.execute(f"DROP FUNCTION articles_search_{name}()")
    if sqlite:
        schema_editor.execute("DROP TRIGGER articles_search_gone")
        schema_editor.execute("DROP TABLE articles_searchwords")


class Migration(migrations.Migration):
    dependencies = [("articles", "0007_hubnotice")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                (
                    "place",
                    models.BigIntegerField(help_text="By quality and age, the best first, then by id.", unique=True),
                ),
                ("title_key", models.BigIntegerField(db_index=True, help_text="A digest of the title's words.")),
            ],
            options={"verbose_name_plural": "search entries"},
        ),
        migrations.CreateModel(
            name="Unindexed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("article_id", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "unindexed"},
        ),
        migrations.RunPython(make, drop, elidable=False),
    ]

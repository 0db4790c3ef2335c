"""Schema changes of tables that triggers name. SQLite makes such a table anew, which its triggers do not survive."""

from django.db import migrations


def check_rows(apps, schema_editor):
    """Let PostgreSQL check changed rows now: it alters no table, and makes no index, while such checks are due."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def without_triggers(*operations):
    """Return operations that take all triggers away on SQLite, do `operations`, and put the triggers back."""
    taken = []

    def take(apps, schema_editor):
        connection = schema_editor.connection
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                taken[:] = cursor.fetchall()
            for name, _ in taken:
                schema_editor.execute(f"DROP TRIGGER {name}")

    def put(apps, schema_editor):
        for _, sql in taken:
            schema_editor.execute(sql)
        taken.clear()

    return [migrations.RunPython(take, put), *operations, migrations.RunPython(put, take)]

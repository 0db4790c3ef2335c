from django.db import migrations

SECONDS = {
    "sqlite": "(CAST(strftime('%%s', n.newest) AS INTEGER) + 2208988800)",
    "postgresql": "(FLOOR(EXTRACT(EPOCH FROM n.newest))::bigint + 2208988800)",
}


def store_scores(apps, schema_editor):
    """The scores of what is there, by the figures that every site has before this: heat as files say it."""
    vendor = schema_editor.connection.vendor
    no = "0" if vendor == "sqlite" else "false"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE articles_article SET own_heat = {no} WHERE id IN (SELECT article_id FROM articles_importedfile)"
        )
        cursor.execute(
            """
            UPDATE articles_story SET
              coverage = (SELECT COUNT(*) FROM articles_article a
                  WHERE a.story_id = articles_story.id AND NOT a.removed)
                + (SELECT COUNT(*) FROM articles_relatedlink l LEFT JOIN articles_article t ON t.id = l.target_id
                  WHERE l.story_id = articles_story.id AND (t.id IS NULL OR NOT t.removed)),
              newest_at = (SELECT MAX(a.published_at) FROM articles_article a
                WHERE a.story_id = articles_story.id AND NOT a.removed)
            """
        )
        cursor.execute(
            f"""
            UPDATE articles_article SET
              quality_score = n.quality,
              heat_score = CASE
                WHEN NOT n.leads THEN -1
                WHEN n.heat >= 0 AND NOT n.own_heat THEN n.heat
                WHEN n.quality >= n.heat_threshold THEN n.quality + n.heat_weight * n.others
                ELSE n.quality END,
              hot_score = n.quality + {SECONDS[vendor]} * 60 / 86400 + CASE
                WHEN n.quality < n.heat_threshold THEN 0
                WHEN n.others > 10 THEN n.heat_weight * 10
                ELSE n.heat_weight * n.others END
            FROM (
              SELECT a.id, a.quality, a.heat, a.own_heat, s.heat_weight, s.heat_threshold,
                t.id IS NULL OR t.lead_id IS NULL OR t.lead_id = a.id AS leads,
                CASE WHEN (t.lead_id IS NULL OR t.lead_id = a.id) AND t.coverage > 1
                  THEN t.coverage - 1 ELSE 0 END AS others,
                CASE WHEN t.lead_id IS NULL OR t.lead_id = a.id THEN COALESCE(t.newest_at, a.published_at)
                  ELSE a.published_at END AS newest
              FROM articles_article a
              JOIN articles_source s ON s.id = a.source_id
              LEFT JOIN articles_story t ON t.id = a.story_id
            ) AS n
            WHERE n.id = articles_article.id
            """,
            (),
        )


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0004_ranking_and_stories"),
    ]

    operations = [
        migrations.RunPython(store_scores, migrations.RunPython.noop, elidable=True),
    ]

"""Adds what the inbox of articles needs: a listing of each article with an index of its words, and editors' changes.

SQLite: the index is an FTS5 table over the words of the listings (https://www.sqlite.org/fts5.html#external_content_tables),
which articles/search_index.py writes, because a trigger for it would take five times as long. A later migration that
makes Django copy the table of listings must create the trigger for deleted ones again.
PostgreSQL: an index of an expression.
"""

from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from newsletter.articles.search_index import Listing, write_listings
from newsletter.articles.search_words import search_words

AT_ONCE = 1_000
SQLITE = (
    """CREATE VIRTUAL TABLE newsletter_articlewords USING fts5(
        words, content='newsletter_articlelisting', content_rowid='article_id', detail=none, columnsize=0, prefix='2 3'
    )""",
    """CREATE TRIGGER listing_removed AFTER DELETE ON newsletter_articlelisting BEGIN
        INSERT INTO newsletter_articlewords (newsletter_articlewords, rowid, words)
        VALUES ('delete', old.article_id, old.words);
    END""",
)
POSTGRESQL = (
    """CREATE INDEX listing_words ON newsletter_articlelisting
        USING gin (to_tsvector('simple'::regconfig, words))""",
)


def index_words(_apps: Any, schema_editor: Any) -> None:
    """Create the index of words."""
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def list_known_articles(apps: Any, _schema_editor: Any) -> None:
    """Write the listings of the articles that are stored already, some at a time."""
    last = 0
    while rows := list(_rows(apps, after=last)):
        write_listings(rows)
        last = rows[-1].article


def _rows(apps: Any, *, after: int) -> Iterator[Listing]:
    articles = apps.get_model("newsletter", "Article").objects.filter(pk__gt=after).order_by("pk")
    fields = ("pk", "source_id", "published_at", "found_at", "title", "standfirst", "authors", "topics")
    for pk, source_id, published_at, found_at, *texts in articles.values_list(*fields)[:AT_ONCE]:
        yield Listing(
            article=pk, source=source_id, shown_at=published_at or found_at, words=search_words(*texts)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('newsletter', '0024_issue_blocks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ArticleListing',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='listing', serialize=False, to='newsletter.article')),
                ('shown_at', models.DateTimeField()),
                ('words', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='WrittenArticle',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='written', serialize=False, to='newsletter.article')),
                ('markdown', models.TextField(blank=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.AddField(
            model_name='article',
            name='as_on_site',
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='article',
            name='picture',
            field=models.ForeignKey(blank=True, help_text='A picture that an editor uploaded. If empty, the picture of the site is used.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='newsletter.originalpicture'),
        ),
        migrations.AddField(
            model_name='source',
            name='paused_at',
            field=models.DateTimeField(blank=True, help_text='While a source is paused, it is only fetched when somebody asks for it.', null=True),
        ),
        migrations.AlterField(
            model_name='source',
            name='kind',
            field=models.CharField(blank=True, choices=[('feed', 'RSS or Atom feed'), ('json_feed', 'JSON Feed'), ('wordpress', 'WordPress site'), ('ghost', 'Ghost site'), ('news_sitemap', 'News sitemap'), ('crossref', 'Crossref'), ('markdown', 'Folder of Markdown'), ('web_page', 'Web page'), ('links', 'Added by link'), ('written', 'Written here')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('excluded', True)), fields=['id'], name='article_excluded'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('withdrawn_at', None), _negated=True), fields=['id'], name='article_withdrawn'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('edited_at', None), _negated=True), fields=['id'], name='article_edited'),
        ),
        migrations.AddField(
            model_name='articlelisting',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='newsletter.source'),
        ),
        migrations.AddIndex(
            model_name='articlelisting',
            index=models.Index(fields=['-shown_at', '-article'], name='listing_shown'),
        ),
        migrations.AddIndex(
            model_name='articlelisting',
            index=models.Index(fields=['source', '-shown_at', '-article'], name='listing_source'),
        ),
        migrations.RunPython(index_words, migrations.RunPython.noop),
        migrations.RunPython(list_known_articles, migrations.RunPython.noop),
    ]

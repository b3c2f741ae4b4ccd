"""The words of messages, for search: how they are made, where they are kept, and what takes them out again.

1. Stems without stop words: a stop word of one language is a word of the other, and a phrase holds all of its own.
2. `desk_message_words`: name and handle as they are, the body by its language, by both where it is another or unknown
   (networks guess, and take Dutch for Afrikaans or nothing). PUNCTUATION is tickets/search.py's, as it was then.
3. A trigger on messages whose words, removal or time change, in the same transaction, whoever changes them. New
   messages fire nothing: services/search_index.py writes their words some seconds later.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations, models

PUNCTUATION = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe0f]"
)

STEMS = """
CREATE TEXT SEARCH DICTIONARY desk_stem_nl (TEMPLATE = snowball, Language = dutch);
CREATE TEXT SEARCH DICTIONARY desk_stem_en (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION desk_plain (COPY = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION desk_nl (COPY = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION desk_en (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION desk_plain ALTER MAPPING FOR word, numword WITH unaccent, simple;
ALTER TEXT SEARCH CONFIGURATION desk_nl ALTER MAPPING FOR asciiword, word WITH unaccent, desk_stem_nl;
ALTER TEXT SEARCH CONFIGURATION desk_en ALTER MAPPING FOR asciiword, word WITH unaccent, desk_stem_en;
ALTER TEXT SEARCH CONFIGURATION desk_nl ALTER MAPPING FOR numword WITH unaccent, simple;
ALTER TEXT SEARCH CONFIGURATION desk_en ALTER MAPPING FOR numword WITH unaccent, simple;
"""

NO_STEMS = """
DROP TEXT SEARCH CONFIGURATION desk_plain, desk_nl, desk_en;
DROP TEXT SEARCH DICTIONARY desk_stem_nl, desk_stem_en;
"""

# A tsvector holds at most 1 MB; 50,000 characters stay below it in any script, in both languages.
WORDS = f"""
CREATE FUNCTION desk_message_words(body text, language text, name text, handle text) RETURNS tsvector
LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('desk_plain', regexp_replace(normalize(concat_ws(' ', name, handle), NFC), '{PUNCTUATION}+', ' ', 'g'))
        || CASE WHEN language LIKE 'en%' THEN to_tsvector('desk_en', plain)
                WHEN language LIKE 'nl%' THEN to_tsvector('desk_nl', plain)
                ELSE to_tsvector('desk_nl', plain) || to_tsvector('desk_en', plain) END
      FROM (SELECT regexp_replace(normalize(left(body, 50000), NFC), '{PUNCTUATION}+', ' ', 'g') AS plain) AS b
$$;

CREATE FUNCTION desk_message_words_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_messagewords WHERE message_id = NEW.id;
    IF NEW.removed_at IS NULL THEN
        INSERT INTO tickets_messagewords (message_id, sent_at, words)
        SELECT NEW.id, NEW.sent_at, desk_message_words(NEW.body, NEW.language, i.name, i.handle)
          FROM (SELECT 1) AS one LEFT JOIN tickets_identity i ON i.id = NEW.identity_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER message_words_again AFTER UPDATE OF body, removed_at, sent_at ON tickets_message
FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body OR OLD.removed_at IS DISTINCT FROM NEW.removed_at
                   OR OLD.sent_at IS DISTINCT FROM NEW.sent_at)
EXECUTE FUNCTION desk_message_words_again();
"""

NO_WORDS = """
DROP TRIGGER message_words_again ON tickets_message;
DROP FUNCTION desk_message_words_again();
DROP FUNCTION desk_message_words(text, text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_stop_all")]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(STEMS, NO_STEMS),
        migrations.CreateModel(
            name="MessageWords",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="tickets.message",
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="message_words"
                    ),
                    models.Index(fields=["sent_at", "message"], name="message_words_sent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchMark",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("reached", models.BigIntegerField(default=0)),
                ("settled", models.BigIntegerField(default=0)),
                ("seen", models.BigIntegerField(default=0)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="search_mark_one")
                ],
            },
        ),
        migrations.RunSQL(WORDS, NO_WORDS),
    ]

"""A message is found by its subject, too: the line above its words is part of them."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION desk_message_words_of(m tickets_message) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT desk_message_words({words}, m.language, i.name, i.handle)
        || desk_place_words(CASE m.direction WHEN 'in' THEN t.place END)
      FROM (SELECT 1) AS one LEFT JOIN tickets_identity i ON i.id = m.identity_id
      LEFT JOIN tickets_ticket t ON t.id = m.ticket_id
$$;
"""
WITH_SUBJECT = "concat_ws(E'\\n', nullif(m.subject, ''), m.body)"


class Migration(migrations.Migration):
    dependencies = [("tickets", "0031_words_of_others_in_a_thread")]

    operations = [
        migrations.RunSQL(FUNCTION.format(words=WITH_SUBJECT), FUNCTION.format(words="m.body")),
    ]

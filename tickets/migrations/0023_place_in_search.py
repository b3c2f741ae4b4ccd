"""The place of a ticket is found by search, in the words of what its caller said.

1. `desk_place_words`: the place in every form that search asks in, cut apart as the words of a message are (0008).
2. `desk_message_words_of`: all words by which a message is found: its own, its author's, and of a caller's its ticket's
   place.
3. The trigger on messages makes them so; others follow a place that changes, and a message that goes to another
   ticket.
"""

from django.db import migrations

PUNCTUATION = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe0f]"
)

WORDS = f"""
CREATE FUNCTION desk_place_words(place text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN coalesce(place, '') = '' THEN ''::tsvector
                ELSE to_tsvector('desk_plain', plain) || to_tsvector('desk_nl', plain)
                     || to_tsvector('desk_en', plain) END
      FROM (SELECT regexp_replace(normalize(coalesce(place, ''), NFC), '{PUNCTUATION}+', ' ', 'g') AS plain) AS b
$$;

CREATE FUNCTION desk_message_words_of(m tickets_message) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT desk_message_words(m.body, m.language, i.name, i.handle)
        || desk_place_words(CASE m.direction WHEN 'in' THEN t.place END)
      FROM (SELECT 1) AS one LEFT JOIN tickets_identity i ON i.id = m.identity_id
      LEFT JOIN tickets_ticket t ON t.id = m.ticket_id
$$;

CREATE OR REPLACE FUNCTION desk_message_words_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_messagewords WHERE message_id = NEW.id;
    IF NEW.removed_at IS NULL THEN
        INSERT INTO tickets_messagewords (message_id, sent_at, words)
        VALUES (NEW.id, NEW.sent_at, desk_message_words_of(NEW));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION desk_message_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_messagewords SET words = desk_message_words_of(NEW) WHERE message_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER message_words_moved AFTER UPDATE OF ticket_id ON tickets_message
FOR EACH ROW WHEN (OLD.ticket_id IS DISTINCT FROM NEW.ticket_id)
EXECUTE FUNCTION desk_message_moved();

CREATE FUNCTION desk_place_words_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Also those that have no words yet: whoever is writing them now has read the place as it was.
    INSERT INTO tickets_messagewords (message_id, sent_at, words)
    SELECT m.id, m.sent_at, desk_message_words_of(m) FROM tickets_message m
     WHERE m.ticket_id = NEW.id AND m.direction = 'in' AND m.removed_at IS NULL
    ON CONFLICT (message_id) DO UPDATE SET words = EXCLUDED.words;
    RETURN NULL;
END
$$;

CREATE TRIGGER place_words_again AFTER UPDATE OF place ON tickets_ticket
FOR EACH ROW WHEN (OLD.place IS DISTINCT FROM NEW.place)
EXECUTE FUNCTION desk_place_words_again();

UPDATE tickets_messagewords w SET words = desk_message_words_of(m)
  FROM tickets_message m JOIN tickets_ticket t ON t.id = m.ticket_id
 WHERE w.message_id = m.id AND t.place <> '';
"""  # noqa: S608 - a constant stands in it

NO_WORDS = """
DROP TRIGGER place_words_again ON tickets_ticket;
DROP FUNCTION desk_place_words_again();
DROP TRIGGER message_words_moved ON tickets_message;
DROP FUNCTION desk_message_moved();
CREATE OR REPLACE FUNCTION desk_message_words_again() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION desk_message_words_of(tickets_message);
DROP FUNCTION desk_place_words(text);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0022_promise_calendar")]

    operations = [migrations.RunSQL(WORDS, NO_WORDS)]

"""What is sent is worded by the revision in force; a row keeps the one it was worded by, and nobody changes that."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from channels_social.delivery import deliver
from channels_social.models import ChannelConnection
from tests import desk
from tests.channels_social import outbox
from tests.tickets.texts_changed import changed, save, words
from tickets.clock import database_now
from tickets.contract import NotSent
from tickets.models import OutboundReply, TextRevision
from tickets.selectors_texts import newest_id
from tickets.services.replies import reply_release
from tickets.services.texts import (
    words_current,
)
from tickets.texts.document import digest, parse, seed
from tickets.texts.places import (
    Place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]

ACKNOWLEDGED = Place("acknowledgement_solved", "short")
LATER = desk.MONDAY
MINE = "{extra} Thanks! {ref} is your number, {date} our date. {sign}"


@pytest.mark.usefixtures("scripted")
class TestSent:
    """Through the real delivery: claim, check, render, parts."""

    def test_an_edited_text_is_what_goes_out_and_the_row_keeps_its_revision(self, ilse: User) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        made = save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=MINE))
        stored = self.delivered(row)
        assert stored.text.startswith("Thanks! ")
        assert stored.text.endswith("our date. ^Merendam")
        assert (stored.template_revision_id, stored.state) == (made.pk, "sent")
        assert outbox.texts(outbox.Scripted.sent) == [stored.text]

    def test_sent_again_it_says_the_same_whatever_was_published_since(self, ilse: User) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        outbox.Scripted.script = [NotSent("429", retry_after=timedelta(seconds=1))]
        first = self.delivered(row)
        assert (first.state, bool(first.text)) == ("queued", True)
        save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=MINE))
        ChannelConnection.objects.update(paused_until=None)
        outbox.age(row, next_try_at=database_now())
        again = self.delivered(row)
        assert (again.state, again.attempts) == ("sent", 2)
        assert (again.text, again.template_revision_id) == (first.text, first.template_revision_id)
        assert outbox.texts(outbox.Scripted.sent) == [first.text]

    def test_what_is_held_for_want_of_words_goes_with_those_that_are_written_then(self, ilse: User) -> None:
        row = outbox.queued(outbox.ticket(outbox.account()))
        document = copy.deepcopy(words().document())
        document["notices"]["acknowledgement_solved"]["short"] = {
            "nl": document["notices"]["reminder"]["short"]["nl"]
        }
        TextRevision.objects.create(
            number=2, document=document, sha256=digest(document), reason="x", published_at=database_now()
        )
        held = self.delivered(row)
        assert (held.state, held.held_reason, held.template_revision_id) == ("held", "no_text", None)
        made = save(ilse, ACKNOWLEDGED, changed(ACKNOWLEDGED, en=MINE, nl=MINE, nl_formal=MINE))
        reply_release(actor=outbox.agent(), reply_id=row.pk, now=database_now())
        sent = self.delivered(row)
        assert (sent.state, sent.template_revision_id) == ("sent", made.pk)
        assert sent.text.startswith("Thanks! ")

    @pytest.mark.parametrize(("form", "says"), [("", "voor je bericht"), ("formal", "voor uw bericht")])
    def test_an_account_says_je_or_u(self, form: str, says: str) -> None:
        ticket = outbox.ticket(outbox.account(form_of_address=form))
        ticket.language = "nl"
        ticket.save()
        row = outbox.queued(ticket)
        assert says in self.delivered(row).text

    def test_words_for_a_message_cost_no_statement_of_their_own(self) -> None:
        """The newest revision comes with what is asked of every message anyway."""
        account = outbox.account()
        self.delivered(outbox.queued(outbox.ticket(account)))
        row = outbox.answered(outbox.ticket(account), "We are on our way.")
        OutboundReply.objects.filter(pk=row.pk).update(undo_until=None)
        with CaptureQueriesContext(connection) as asked:
            deliver(account.pk)
        about = [each["sql"] for each in asked if "textrevision" in each["sql"].lower()]
        assert about == [] or all("deskswitch" in each.lower() for each in about)
        row.refresh_from_db()
        assert (row.state, row.template_revision_id) == ("sent", newest_id())

    def delivered(self, row: OutboundReply) -> OutboundReply:
        deliver(row.account_id)
        return OutboundReply.objects.get(pk=row.pk)


class TestRevisions:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE tickets_textrevision SET reason = 'another'",
            "UPDATE tickets_textrevision SET document = '{}'",
            "DELETE FROM tickets_textrevision",
        ],
    )
    def test_the_database_keeps_a_row_as_it_was_written(self, statement: str) -> None:
        with (
            pytest.raises((IntegrityError, InternalError), match="stays as it is"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_a_process_picks_up_what_another_published_and_reads_a_document_once(self, ilse: User) -> None:
        before = words_current(database_now())
        document = copy.deepcopy(seed().document())
        document["notices"]["reminder"]["short"]["en"]["body"] = "Answer about {ref}. {sign}"
        parse(document)
        TextRevision.objects.create(  # as another process does
            number=2, document=document, sha256=digest(document), reason="x", published_at=database_now()
        )
        after = words_current(database_now())
        assert after[0] != before[0]
        assert after[1].notices["reminder"]["short"]["en"].body == "Answer about {ref}. {sign}"
        with CaptureQueriesContext(connection) as asked:
            words_current(LATER)
        assert len(asked) == 1, [each["sql"] for each in asked]
        assert "document" not in asked[0]["sql"]

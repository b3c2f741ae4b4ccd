"""Threads by names and proofs: who hangs where, who is the caller, and what nobody may conclude from a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import desk
from tests.tickets.named import (
    SUBJECT,
    TEXT,
    conversation_of,
    identity_of,
    letter,
    letters_account,
    message_of,
    ticket_of,
)
from tests.tickets.said import acknowledge, answer, receive, utterance
from tickets.clock import database_now
from tickets.contract import Author, MessageRemoved, claim_of
from tickets.models import (
    AgentTask,
    ChannelAccount,
    Contact,
    Conversation,
    Identity,
    Message,
    MessageName,
    OutboundReply,
    Promise,
    Status,
    TaskKind,
    Ticket,
    TicketEvent,
)
from tickets.selectors_queue import queue
from tickets.services.clock_notices import places_to_speak

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(seeded: None) -> ChannelAccount:
    return letters_account()


def test_what_stands_above_the_words_is_stored_and_read(post: ChannelAccount) -> None:
    receive(
        post,
        letter(
            "a",
            "Please come.",
            subject="Gas smell in the Hoefstraat",
            also_to=("piet@example.org",),
            written_first_by="Oma <oma@example.org>",
        ),
    )
    row = message_of("a")
    assert (row.subject, row.body) == ("Gas smell in the Hoefstraat", "Please come.")
    assert (row.also_to, row.written_first_by) == (["piet@example.org"], "Oma <oma@example.org>")
    assert ticket_of("a").is_danger


def test_the_subject_of_an_answer_asks_nothing_again(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    ticket = ticket_of("a")
    acknowledge(ticket)
    answer(ticket, at=desk.MONDAY + timedelta(hours=1))
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.RESOLVED, resolved_at=database_now())
    receive(post, letter("b", "Thanks!", refers_to=("a",), at=database_now()))
    ticket.refresh_from_db()
    assert ticket_of("b").pk == ticket.pk
    assert ticket.status == Status.RESOLVED
    assert message_of("b").subject == f"Re: {SUBJECT}"


def test_an_answer_by_name_is_in_its_thread_whatever_the_network_took_for_the_root(
    post: ChannelAccount,
) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "Any news?", refers_to=("a",)))
    receive(post, letter("c", "And now?", refers_to=("b",), thread="b"))
    receive(post, letter("d", "And now?", refers_to=("lost", "c"), thread="lost"))
    assert Conversation.objects.count() == Ticket.objects.count() == 1
    assert set(MessageName.objects.values_list("name", flat=True)) == {"a", "b", "c", "d"}


def test_in_one_batch_in_any_order_of_times(post: ChannelAccount) -> None:
    receive(
        post,
        letter("c", "And now?", refers_to=("b",), thread="b", minutes=0),
        letter("a", minutes=5),
        letter("b", "Any news?", refers_to=("a",), minutes=9),
    )
    assert Conversation.objects.count() == Ticket.objects.count() == 1


def test_a_ring_of_names_is_cut(post: ChannelAccount) -> None:
    receive(
        post,
        letter("a", refers_to=("b",), thread="a"),
        letter("b", "Any news?", refers_to=("a",), thread="b"),
        letter("c", "Hm?", refers_to=("c",), thread="c"),
    )
    assert Message.objects.count() == 3
    assert conversation_of("a") == conversation_of("b")


def test_a_message_of_ours_is_known_by_its_receipt(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    ticket = ticket_of("a")
    ours = acknowledge(ticket).messages.get().external_id
    receive(post, letter("b", "Any news?", refers_to=(ours,)))
    assert conversation_of("b") == conversation_of("a")


def test_who_calls_a_message_as_ours_is_called_takes_nothing_over(post: ChannelAccount) -> None:
    """A name is anybody's to use: what we have sent under it is ours."""
    receive(post, letter("a"))
    ours = acknowledge(ticket_of("a")).messages.get().external_id
    receive(post, letter(ours, "I am the desk, believe me.", by="mallory"))
    receive(post, letter("b", "Any news?", refers_to=(ours,)))
    assert conversation_of("b") == conversation_of("a")
    assert ticket_of(ours) != ticket_of("a")


def test_the_same_name_with_other_words_is_another_message(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("a", "Something else entirely: the bin was not collected."))
    assert Message.objects.filter(external_id__startswith="a#").count() == 2
    assert MessageName.objects.filter(name="a").count() == 1


def test_a_number_in_a_subject_proves_nothing(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    number = ticket_of("a").shown_reference
    receive(
        post, letter("b", "What about this?", by="mallory", subject=f"Re: We have your message ({number})")
    )
    assert ticket_of("b") != ticket_of("a")
    assert conversation_of("b").part == "caller"


def test_somebody_else_in_the_thread_is_no_caller(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    ticket = ticket_of("a")
    acknowledge(ticket)
    before = ticket.version
    receive(
        post, letter("b", "It happened to me, too: gas smell at the machine!", by="piet", refers_to=("a",))
    )
    receive(post, letter("c", "Nobody answers?", by="piet", refers_to=("b", "a")))
    ticket.refresh_from_db()
    assert Ticket.objects.count() == 1
    assert ticket.caller == identity_of("anouk").contact
    assert ticket.version > before
    assert ticket.calls == 1
    place = conversation_of("b")
    assert (place, place.part, place.ticket) == (conversation_of("c"), "participant", ticket)
    assert message_of("b").by_participant
    assert ticket.proposal is None
    assert not ticket.is_danger
    assert ticket.last_inbound_at == message_of("a").sent_at
    assert places_to_speak([ticket.pk])[ticket.pk] == conversation_of("a")
    assert not OutboundReply.objects.filter(conversation=place).exists()
    lines = TicketEvent.objects.filter(ticket=ticket, kind="participant_wrote")
    assert [line.args["message"] for line in lines] == [message_of("b").pk, message_of("c").pk]
    assert AgentTask.objects.filter(ticket=ticket, kind=TaskKind.SOMEBODY_ELSE).count() == 1
    assert AgentTask.objects.filter(ticket=ticket, kind=TaskKind.DANGER, for_lead=True).count() == 1


def test_a_proof_passed_on_makes_nobody_the_caller(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    place = conversation_of("a")
    receive(post, letter("b", "I have this from Anouk.", by="piet", proof=place.pk))
    assert conversation_of("b").part == "participant"
    assert ticket_of("b") == ticket_of("a")


@pytest.mark.parametrize(
    "said", ["conversation:", "conversation:999999999", "conversation:-1", "conversation:x", "x"]
)
def test_a_proof_of_nothing_proves_nothing(post: ChannelAccount, said: str) -> None:
    receive(post, replace(letter("a"), thread_proof=said))
    assert Ticket.objects.count() == 1


def test_the_caller_below_a_participants_words_is_in_their_own_thread(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "Same here, at Noord.", by="piet", refers_to=("a",)))
    receive(post, letter("c", "Noord, too?", refers_to=("b",), thread="b"))
    assert conversation_of("c") == conversation_of("a")
    receive(post, letter("d", "Yes, Noord.", by="piet", refers_to=("c",), thread="c"))
    assert conversation_of("d") == conversation_of("b")


def test_a_participant_opens_nothing_and_ends_no_wait(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    ticket = ticket_of("a")
    acknowledge(ticket)
    answer(ticket, at=desk.MONDAY + timedelta(hours=1), asks=True)
    receive(post, letter("b", "The one on the left.", by="piet", refers_to=("a",), at=database_now()))
    ticket.refresh_from_db()
    assert ticket.status == Status.WAITING
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.RESOLVED, resolved_at=database_now())
    receive(post, letter("c", "It is broken again.", by="piet", refers_to=("a",), at=database_now()))
    ticket.refresh_from_db()
    assert ticket.status == Status.RESOLVED
    assert AgentTask.objects.filter(ticket=ticket, kind=TaskKind.SOMEBODY_ELSE, done_at=None).count() == 1


def test_what_a_participant_asks_elsewhere_is_a_ticket_of_their_own(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "Same here.", by="piet", refers_to=("a",)))
    receive(post, letter("c", "Any news?", by="piet", subject="Hello"))
    assert ticket_of("c") != ticket_of("a")
    assert ticket_of("c").caller == identity_of("piet").contact


def test_below_what_is_long_over_a_participant_is_a_caller(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "Same here.", by="piet", refers_to=("a",)))
    old = ticket_of("a")
    Ticket.objects.filter(pk=old.pk).update(
        status=Status.CLOSED, resolved_at=desk.MONDAY, closed_at=desk.MONDAY, next_at=None
    )
    later = desk.MONDAY + timedelta(days=200)
    receive(
        post,
        letter("c", "The machine is broken, can you help?", by="piet", refers_to=("b",), at=later),
        now=later,
    )
    receive(
        post,
        letter("d", "The machine is broken, can you help?", by="joke", refers_to=("a",), at=later),
        now=later,
    )
    mine = ticket_of("c")
    assert mine != old
    assert mine.caller == identity_of("piet").contact
    assert conversation_of("c").part == "caller"
    assert not message_of("c").by_participant
    assert message_of("b").by_participant
    assert message_of("b").ticket == old
    assert ticket_of("d").caller == identity_of("joke").contact
    assert ticket_of("d") not in (old, mine)


def test_a_machine_beside_the_thread_asks_nobody(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "I am away until Monday.", by="piet", refers_to=("a",), automatic=True))
    assert message_of("b").machine_rule == "automatic"
    assert not AgentTask.objects.filter(kind=TaskKind.SOMEBODY_ELSE).exists()
    assert not TicketEvent.objects.filter(kind="participant_wrote").exists()


def test_a_report_with_a_proof_is_filed_in_its_conversation(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    daemon = Author("email", "mailer-daemon@example.org", automated=True)
    receive(post, letter("b", "It was read.", author=daemon, proof=conversation_of("a").pk, automatic=True))
    assert conversation_of("b") == conversation_of("a")
    assert not Identity.objects.filter(external_id__startswith="mailer-daemon").exists()


def test_a_machine_that_is_somebody_elses_is_filed_beside(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    receive(post, letter("b", "I am away.", by="piet", proof=conversation_of("a").pk, automatic=True))
    assert conversation_of("b").part == "participant"
    assert message_of("b").ticket == ticket_of("a")


def test_one_name_with_other_words_is_another_thread(post: ChannelAccount) -> None:
    """Some programs write the same name under everything."""
    receive(post, letter("a", "The bin was not collected, when will you come?"))
    receive(post, letter("a", "There is a hole in the road, who mends it?"))
    receive(
        post, letter("a", "The lamp is out, can you look?"), letter("a", "My pass is lost, where do I go?")
    )
    there = Conversation.objects.filter(account=post)
    assert there.count() == 4
    # Seen again it is the same.
    receive(post, letter("a", "There is a hole in the road, who mends it?"))
    receive(post, letter("a", "The bin was not collected, when will you come?"))
    assert (there.count(), Message.objects.count()) == (4, 4)
    # Who answers answers the first of that name.
    receive(post, letter("b", "Any news?", refers_to=("a",)))
    assert message_of("b").conversation_id == there.order_by("id").values_list("id", flat=True)[0]


def test_whom_an_agent_has_joined_is_the_caller_by_another_name(post: ChannelAccount) -> None:
    receive(post, letter("a"), letter("z", "The bin was not collected, when will you come?", by="anouk.work"))
    Contact.objects.filter(pk=identity_of("anouk.work").contact_id).update(
        merged_into=identity_of("anouk").contact_id
    )
    receive(post, letter("b", "Any news?", by="anouk.work", refers_to=("a",)))
    place = conversation_of("b")
    assert (place.part, place.ticket) == ("caller", ticket_of("a"))
    assert not message_of("b").by_participant


def test_a_reply_to_another_account_of_ours(post: ChannelAccount) -> None:
    receive(post, letter("a"))
    other = letters_account("info@example.org")
    receive(other, letter("b", "Any news?", proof=conversation_of("a").pk))
    place = conversation_of("b")
    assert (place.account, place.part, place.ticket) == (other, "caller", ticket_of("a"))
    receive(other, letter("c", "Now?", proof=conversation_of("a").pk))
    assert conversation_of("c") == place


# Claims


def claimed(by: str, of: ChannelAccount, number: int = 1) -> Conversation:
    """Somebody has said that they are `by`, on an account where nobody can prove it."""
    who = f"{by}@example.org"
    author = Author(
        "form", f"s{number}#{who}", handle=who, name=by.title(), claims=claim_of("email", "", who)
    )
    receive(of, letter(f"form{number}", author=author))
    return conversation_of(f"form{number}")


def test_a_claim_is_proven_by_whom_it_names(post: ChannelAccount) -> None:
    form = desk.account("form")
    place = claimed("anouk", form)
    ticket = place.ticket
    assert ticket is not None
    assert place.identity.claims
    Contact.objects.filter(pk=place.contact_id).update(language="nl", language_source="said")
    receive(post, letter("b", "Any news?", proof=place.pk, minutes=5))
    mine = conversation_of("b")
    place.refresh_from_db()
    ticket.refresh_from_db()
    assert (mine.part, mine.ticket, mine.account) == ("caller", ticket, post)
    assert place.identity.claims == ""
    assert (
        place.contact
        == place.identity.contact
        == mine.contact
        == ticket.caller
        == identity_of("anouk").contact
    )
    assert ticket.caller.language == "nl"
    assert places_to_speak([ticket.pk])[ticket.pk] == mine
    assert TicketEvent.objects.filter(ticket=ticket, kind="claim_proven").count() == 1
    assert not AgentTask.objects.filter(kind=TaskKind.SOMEBODY_ELSE).exists()
    receive(post, letter("c", "And now?", proof=place.pk), letter("d", "Hm?", proof=mine.pk))
    assert conversation_of("c") == conversation_of("d") == mine


def test_a_claim_is_proven_by_nobody_else_and_by_no_name(post: ChannelAccount) -> None:
    form = desk.account("form")
    place = claimed("anouk", form)
    other = claimed("anouk", form, 2)
    receive(post, letter("b", "I have this from Anouk.", by="piet", proof=place.pk))
    receive(post, letter("c", "The bin was not collected, when will you come?", subject="The bin"))
    place.refresh_from_db()
    assert place.identity.claims
    assert conversation_of("b").part == "participant"
    assert ticket_of("c") not in (place.ticket, other.ticket)
    receive(post, letter("d", "Any news?", proof=place.pk))
    other.identity.refresh_from_db()
    assert other.identity.claims
    assert other.contact != identity_of("anouk").contact


def test_who_was_somebody_else_proves_to_be_the_caller(post: ChannelAccount) -> None:
    """Written by name first, with the proof later: the earlier words are the caller's from then on."""
    place = claimed("anouk", post)
    receive(post, letter("b", "Any news?", refers_to=("form1",)))
    assert conversation_of("b").part == "participant"
    receive(post, letter("c", "And now?", proof=place.pk))
    mine = conversation_of("c")
    assert (mine, mine.part) == (conversation_of("b"), "caller")
    assert not Message.objects.filter(by_participant=True).exists()


# What is quiet, removed, repeated, and what it costs


def test_what_nothing_automatic_may_answer(post: ChannelAccount) -> None:
    receive(post, letter("a", quiet=True))
    assert message_of("a").is_quiet
    assert conversation_of("a").reply_rule["quiet"] is True
    receive(post, letter("b", "Any news?", refers_to=("a",), minutes=5))
    assert "quiet" not in Conversation.objects.get().reply_rule


def test_removed_words_leave_nothing_above_or_beside_them(post: ChannelAccount) -> None:
    receive(
        post, letter("a", full_text=f"{TEXT} > quoted", also_to=("piet@example.org",), refers_to=("lost",))
    )
    receive(post, MessageRemoved(message_of("a").external_id, desk.MONDAY + timedelta(hours=1)))
    row = message_of("a")
    assert (row.body, row.subject, row.full_text, row.also_to, row.written_first_by) == ("", "", "", [], "")


def test_what_begins_a_thread_shows_all_of_it(post: ChannelAccount) -> None:
    receive(post, letter("a", "See below.", full_text="See below.\n> the bin", refers_to=("lost",)))
    receive(post, letter("b", "Well?", full_text="Well?\n> See below.", refers_to=("a",), thread="lost"))
    assert (message_of("a").body, message_of("a").full_text) == ("See below.\n> the bin", "")
    assert (message_of("b").body, message_of("b").full_text) == ("Well?", "Well?\n> See below.")


def test_the_same_again_changes_nothing(post: ChannelAccount) -> None:
    items = [
        letter("a"),
        letter("b", "Same here.", by="piet", refers_to=("a",)),
        letter("c", "Hm?", refers_to=("b",)),
    ]
    receive(post, *items)
    before = list(Conversation.objects.order_by("pk").values_list("thread_key", "part", "ticket_id"))
    assert set(receive(post, *items).outcomes) == {"duplicate"}
    assert list(Conversation.objects.order_by("pk").values_list("thread_key", "part", "ticket_id")) == before
    assert AgentTask.objects.filter(kind=TaskKind.SOMEBODY_ELSE).count() == 1


def test_what_has_no_names_asks_nothing_more(seeded: None) -> None:
    plain, named = desk.account(), letters_account()
    receive(plain, utterance(1))
    receive(named, letter("a"))

    def questions(account: ChannelAccount, *items: Any) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            receive(account, *items)
        return [one["sql"] for one in asked.captured_queries]

    assert not [one for one in questions(plain, utterance(2, by="bram")) if "messagename" in one]
    # The first of them asks somebody to read it, and tells them so.
    receive(named, letter("b", by="first", refers_to=("a",)))
    few = len(questions(named, *(letter(f"f{n}", by=f"f{n}", refers_to=("a",)) for n in range(2))))
    many = len(questions(named, *(letter(f"m{n}", by=f"m{n}", refers_to=("a",)) for n in range(40))))
    assert many == few
    assert Conversation.objects.filter(part="participant").count() == 43
    assert Promise.objects.count() == 0


def test_a_row_of_the_queue_begins_with_the_subject(post: ChannelAccount) -> None:
    receive(post, letter("a"), letter("b", "Mine, too!", by="piet", refers_to=("a",)))
    noor = desk.user("noor", teams=[desk.team()])
    (row,) = queue(noor, now=database_now()).rows
    assert row.words == f"{SUBJECT}: {TEXT}"

"""Every service that changes what a ticket's page shows raises its version: browsers ask by (id, version).

A public function of `tickets/services` that takes an actor or the time has a case in `versions.py` that runs it, or
stands below with the reason why it need not. A new one that has neither turns this red. Open pages are told of each
version that was raised, and of each new ticket, once the transaction has committed.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from tests import desk
from tests.tickets import versions_staff, versions_there  # noqa: F401 - put their cases beside the others
from tests.tickets.versions import CASES, Scene, tells
from tickets import services, wake
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

READS = "reads, and writes nothing that stays"
INNER = "a part of services that raise it themselves, on tickets that they hold"
ACCOUNT = "about an account or the whole desk: a ticket's page asks for it when it is opened"
LIST = "about a list of managers or leads, which pages read when they are opened"
OWN = "only its author sees it"
THERE = "about who is there, which no ticket's page shows"
NEW = "makes tasks that stand on no ticket"
BELL = "what a colleague is told rings their bell (live.users_told), and stands on no ticket's page"

NOT: Mapping[str, str] = {
    "account_lock.account_locked": READS,
    "account_lock.runs_the_desk": READS,
    "account_lock.dates_looked_at_again": ACCOUNT,
    "account_settings.account_mode_set": ACCOUNT,
    "account_settings.account_settings_set": ACCOUNT,
    "attachments.accounts_due": READS,
    "attachments.attachment_again": "what is tried again looks as it did",
    "attachments.attachments_of": INNER,
    "audit.event": INNER,
    "audit.event_record": INNER,
    "audit.task": INNER,
    "audit.tasks_done": INNER,
    "calendar_watch.calendars_watch": NEW,
    "caller_says.may_open_again": READS,
    "clock_notices.notice": INNER,
    "clock_notices.changed_queue": INNER,
    "clock_notices.changed_put": INNER,
    "clock_notices.lying_untrue": INNER,
    "clock_notices.rows_give_way": INNER,
    "clock_notices.reminders_give_way": INNER,
    "clock_notices.tasks_end": INNER,
    "clock_work.clock_set": INNER,
    "clock_work.caller_answered": INNER,
    "copies.copies_apart": INNER,
    "dates.date_wanted": READS,
    "drafts.draft_save": OWN,
    "drafts.draft_sent": OWN,
    "drafts.draft_give_back": OWN,
    "effects.closed_unread": INNER,
    "effects.effect_follows": INNER,
    "ending.farewell": READS,
    "first_word.person_first": READS,
    "first_word.waits_end": "what it lets go raises it when it goes, at once",
    "handed.is_untrue": READS,
    "handed.look_first_at": READS,
    "handed.unread_no_more": INNER,
    "on_page.file_named": READS,
    "on_page.files_on": READS,
    "on_page.lying_on": READS,
    "locked.nothing_new": READS,
    "owning.answerer_takes": "ticket_take raises it, where anything is to be taken",
    "presence.availability_set": THERE,
    "presence.staff_polled": THERE,
    "presence.staff_seen": THERE,
    "effects.answer_came_first": INNER,
    "effects.tasks_answered": INNER,
    "elsewhere.own_take": INNER,
    "forecast.kept_back": READS,
    "held_back.acknowledgements_come_back": INNER,
    "later.later_stands": INNER,
    "later.status_line_of": READS,
    "join_rule.earlier_date": READS,
    "joining_parted.says_again": INNER,
    "joining_parted.date_passed": INNER,
    "joining_work.plan_of": READS,
    "joining_work.close": INNER,
    "joining_work.go_on": INNER,
    "joining_work.tasks_follow": INNER,
    "later.later_proposal": READS,
    "later.status_line": READS,
    "locked.ticket_seen": READS,
    "locked.ticket_locked": READS,
    "locked.reply_locked": READS,
    "look_ups.look_ups_resume": INNER,
    "no_reply_reasons.no_reply_reason_add": LIST,
    "no_reply_reasons.no_reply_reason_rename": LIST,
    "no_reply_reasons.no_reply_reason_switch": LIST,
    "no_reply_reasons.no_reply_reason_move": LIST,
    "notice_checks.next_date": READS,
    "notice_words.acknowledgement_render": READS,
    "notice_words.notice_render": READS,
    "notice_words.reason_words": READS,
    "notice_words.answer_text": READS,
    "notice_words.words_for": READS,
    "notices_choice.account_notices_choose": ACCOUNT,
    "notices_choice.notices_choices_ask": NEW,
    "opt_out.wishes_take": INNER,
    "outcomes.not_delivered_reopens": INNER,
    "outcomes.not_told_ask": INNER,
    "outcomes.parts_record": INNER,
    "people.identities_of": INNER,
    "policy_facts.outcomes_of": READS,
    "policy_notices.moved_notice": INNER,
    "policy_notices.nowhere_task": INNER,
    "policy_rollout.rollout_begin": "a row of its own: tickets follow when `rollouts_work` comes to them",
    "policy_rollout.rollout_batch": "one batch of `rollouts_work`, which has a case",
    "promises.promise_told": INNER,
    "properties.properties_ahead": READS,
    "properties.targets_follow": INNER,
    "properties.date_follows": INNER,
    "reasons.reasons_proven": READS,
    "reopening.tickets_reopen": INNER,
    "replies.answer_stands": INNER,
    "replies.reply_wake": INNER,
    "replies.date_line_wanted": READS,
    "replies.earlier_checked": READS,
    "replies.answer_row": READS,
    "replies.may_answer": READS,
    "replies.acknowledgement_gives_way": INNER,
    "reply_decisions.date_again": INNER,
    "resolving.resolution_stands": INNER,
    "ruling.acknowledgement": READS,
    "saved_replies.saved_reply_write": LIST,
    "saved_replies.saved_reply_archive": LIST,
    "saved_replies.may_write": READS,
    "saved_reply_use.placeholder_values": READS,
    "saved_reply_use.date_to_name": READS,
    "saved_reply_use.saved_reply_used": LIST,
    "spoken.words_heard": INNER,
    "spoken.is_past": READS,
    "staff.team_close": "refused while a ticket of it is open",
    "stops.automatic_stop": ACCOUNT,
    "sweep.sweep": "one batch of `sweep_due`, which has a case",
    "texts.text_save": LIST,
    "texts.texts_publish": LIST,
    "texts.texts_ensure_seeded": LIST,
    "intake_beside.addresses_live": INNER,
    "texts.words_current": READS,
    "transferring.transfer_word": READS,
    "triage_rule.triage_again": INNER,
    "undo_time.undo_until": READS,
    "reply_files.files_drop": OWN,
    "reply_files.files_join": INNER,
    "reply_files.reply_file_add": OWN,
    "reply_files.reply_file_remove": OWN,
    "reply_files.reply_files_tidy": OWN,
    "status_links.is_over": READS,
    "status_links.status_link_open": READS,
    "volume.more_than_usual": READS,
    "notifying.told": BELL,
    "notifying.tasks_told": BELL,
    "notifying.leads_told": BELL,
    "notifying.highest_told": BELL,
    "notifying.given_told": BELL,
    "staff_mails.untaken_told": BELL,
    "staff_mails.unreached_told": BELL,
    "staff_mails.mails_make": BELL,
    "staff_mails.digest_slot": BELL,
    "staff_mails.carried_by": BELL,
    "staff_mail_sending.leases_expire": BELL,
    "staff_mail_words.mail_of": BELL,
    "told.told_read": BELL,
    "told.wishes_set": BELL,
    "told.woken_set": BELL,
    "told.told_tidy": BELL,
    "watching.look_again_proposals": READS,
    "work.needs_later": READS,
}


def _services() -> Iterator[str]:
    for module in pkgutil.iter_modules(services.__path__):
        found = importlib.import_module(f"{services.__name__}.{module.name}")
        for name, function in vars(found).items():
            if (
                name.startswith("_")
                or not inspect.isfunction(function)
                or function.__module__ != found.__name__
            ):
                continue
            if {"actor", "now"} & inspect.signature(function).parameters.keys():
                yield f"{module.name}.{name}"


def test_every_service_has_a_case_or_a_reason() -> None:
    there = set(_services())
    assert there - CASES.keys() - NOT.keys() == set(), "a case in versions.py, or a reason above"
    assert (CASES.keys() | NOT.keys()) - there == set(), "no such service any more"
    assert CASES.keys() & NOT.keys() == set()


@pytest.fixture
def scene(noor: User, ticket: Ticket, settings: Settings) -> Scene:
    settings.UNDO_SECONDS = 10
    noor.memberships.update(is_lead=True)
    return Scene(noor, ticket, desk.team("roads"))


class Told:
    """Stands where the waker does, and keeps of which tickets open pages are told."""

    def __init__(self) -> None:
        self.tickets: set[int] = set()

    def tell(self, kind: str, ids: Iterable[int], text: str) -> None:
        self.tickets |= set(ids) if kind == "tickets" else set()

    def add(self, job: wake.Job) -> None:
        """Wakes nobody."""

    def add_later(self, job: wake.Job, seconds: float) -> None:
        """Nor later."""


def _versions() -> dict[int, int]:
    return dict(Ticket.objects.values_list("pk", "version"))


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_a_page_shows_has_a_new_version(
    scene: Scene,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told = Told()
    monkeypatch.setattr(wake, "_own_waker", lambda: told)
    ticket, do = CASES[name](scene)
    before = _versions()
    with django_capture_on_commit_callbacks(execute=True):
        do()
        assert told.tickets == set(), "before the transaction has committed"
    assert tells(before[ticket.pk], ticket), name
    raised = {pk for pk, version in _versions().items() if before.get(pk) != version}
    assert raised <= told.tickets, "of what was raised, open pages are told"


def test_the_walk_sees_what_has_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(CASES, "owning.ticket_take")
    with pytest.raises(AssertionError, match=r"owning\.ticket_take"):
        test_every_service_has_a_case_or_a_reason()

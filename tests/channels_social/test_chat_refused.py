"""Who the chat's API does not let in, and what it does not take: alike for all of them, counted, before it is read."""

from __future__ import annotations

import base64
import json
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver

from accounts.models import RequestCount
from channels_social.adapter import AppView, ConnectFailed
from channels_social.adapters.chat import Chat, api_urls, files, identity, limits
from channels_social.attachments import attachments_fetch
from channels_social.models import InboundEvent, Visitor, VisitorFile
from channels_social.visitors import TOKEN_LIVES, visitor_block, visitor_unblock
from tests import desk
from tests.channels_social.chat_desk import HOST, SECRET, SITE, WORDS, Window, chat, our_line, window
from tickets.clock import database_now
from tickets.models import Attachment, ChannelAccount, Message, ReplyFile, Ticket, TicketEvent
from tickets.services.errors import NotFound

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
#: Each address that speaks for a visitor, as it is asked.
ASKS: tuple[tuple[str, str, object], ...] = (
    ("GET", "state", None),
    ("GET", "state?after=0", None),
    ("POST", "messages", {"client_id": str(uuid.uuid4()), "text": "let me in"}),
    ("POST", "files", None),
    ("POST", "seen", {"through": 1}),
    ("POST", "typing", None),
    ("POST", "address", {"email": "a@b.example", "consent": True}),
    ("DELETE", "address", None),
    ("POST", "end", None),
)


@pytest.fixture(autouse=True)
def account() -> ChannelAccount:
    desk.seeded()
    return chat(secret=SECRET)  # type: ignore[no-any-return]


def shown(answer: Any) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, dict(answer.headers), answer.content


# -- whose it is -----------------------------------------------------------------------------------------------


def test_every_address_that_speaks_for_a_visitor_is_walked() -> None:
    walked = {where.partition("?")[0] for _, where, _ in ASKS} | {
        "session",
        "files/<str:whose>/<str:name>/<str:key>",
    }
    assert walked == {
        str(each.pattern).removeprefix("api/chat/v1/<str:site>/") for each in api_urls.urlpatterns
    }
    assert get_resolver().resolve(f"/api/chat/v1/{SITE}/state").url_name == "chat_api_state"


@pytest.mark.parametrize(("method", "where", "body"), ASKS)
def test_wrong_old_foreign_and_blocked_are_one_answer(method: str, where: str, body: object) -> None:
    chat("b" * 16)
    wrong, old, foreign, blocked = Window(token="x" * 32), window(), window("b" * 16), window()
    none = Window()
    Visitor.objects.filter(pk=old.visitor.pk).update(seen_at=database_now() - TOKEN_LIVES)
    Visitor.objects.filter(pk=blocked.visitor.pk).update(blocked_at=database_now())
    foreign.site = SITE
    answers = [shown(each.ask(method, where, body)) for each in (wrong, old, foreign, blocked, none)]
    assert answers[0][0] == 401
    assert json.loads(answers[0][2])["code"] == "no-such-chat"
    assert all(each == answers[0] for each in answers)
    assert not Message.objects.exists()
    assert not InboundEvent.objects.exists()
    assert not Visitor.objects.exclude(address="").exists()


def test_another_visitors_token_reads_and_changes_nothing_of_ones_own() -> None:
    one, other = window(), window()
    one.say("My passport number is X123.")
    our_line(
        one.visitor, "It is here.", files=[{"id": a_file(), "name": "a.png", "type": "image/png", "size": 3}]
    )
    before = one.state()
    for method, where, body in ASKS:
        answer = other.ask(method, where, body)
        assert b"passport" not in answer.content
        assert b"It is here" not in answer.content
    assert one.state() | {"here": 0} == before | {"here": 0}
    assert one.visitor.acked_through == 0
    (mine,) = before["lines"][1]["files"]
    assert fetched(other, mine["url"]) == (200, PNG), "the address itself is the key to this one file"
    theirs = mine["url"].replace(one.visitor.external_id, other.visitor.external_id)
    assert other.ask("GET", theirs).status_code == 404


def fetched(made: Window, where: str) -> tuple[int, bytes]:
    answer = made.ask("GET", where)
    return answer.status_code, b"".join(answer.streaming_content)


def a_file() -> int:
    ticket = Ticket.objects.latest("pk")
    key = default_storage.save("replies/test", SimpleUploadedFile("a.png", PNG))
    row = ReplyFile.objects.create(
        ticket=ticket,
        name="a.png",
        content_type="image/png",
        size=len(PNG),
        sha256="0" * 64,
        storage_key=key,
        created_at=database_now(),
    )
    return row.pk


def test_no_such_site_is_no_such_site_with_any_token() -> None:
    made = window()
    made.site = "nowhere"
    answer = made.ask("GET", "state")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-site")


def test_a_name_that_no_database_stores_is_no_site() -> None:
    for path in ("/chat/%00/", "/chat/%00/plain/", "/api/chat/v1/%00/state"):
        assert Window().ask("GET", path).status_code == 404, path


def test_an_agent_blocks_a_visitor_and_lets_them_in_again() -> None:
    noor, lea = (
        desk.user("noor", teams=[desk.team()]),
        desk.user("lea", teams=[desk.team("other", private=True)]),
    )
    made = window()
    made.say()
    ticket, visitor, now = Ticket.objects.get(), made.visitor, database_now()
    with pytest.raises(NotFound):
        visitor_block(actor=noor, ticket_id=ticket.pk + 1, visitor_id=visitor.pk, now=now)
    stranger = window().visitor
    with pytest.raises(NotFound):
        visitor_block(actor=noor, ticket_id=ticket.pk, visitor_id=stranger.pk, now=now)
    Ticket.objects.update(team=desk.team("hidden", private=True))
    with pytest.raises(NotFound):
        visitor_block(actor=lea, ticket_id=ticket.pk, visitor_id=visitor.pk, now=now)
    Ticket.objects.update(team=desk.team())
    visitor_block(actor=noor, ticket_id=ticket.pk, visitor_id=visitor.pk, now=now)
    visitor_block(actor=noor, ticket_id=ticket.pk, visitor_id=visitor.pk, now=now)
    assert made.say("again").status_code == 401
    assert TicketEvent.objects.filter(kind="visitor_blocked", actor_user=noor).count() == 1
    visitor_unblock(actor=noor, ticket_id=ticket.pk, visitor_id=visitor.pk, now=now)
    assert made.say("again").status_code == 201


def test_whoever_was_blocked_does_not_begin_anew_with_their_token() -> None:
    one = window()
    Visitor.objects.filter(pk=one.visitor.pk).update(blocked_at=database_now())
    assert one.say().status_code == 401
    answer = one.ask("POST", "session", {"language": "en", "origin": HOST})
    assert (answer.status_code, answer.json()["code"]) == (429, "too-often")
    assert answer["Retry-After"] == "3600"
    assert Visitor.objects.count() == 1
    assert Window(token="nobodys").ask("POST", "session", {}).status_code == 201
    Visitor.objects.update(blocked_at=None)
    assert one.ask("POST", "session", {}).status_code == 200


def test_a_blocked_person_of_the_site_is_blocked_in_every_browser() -> None:
    one, other = window(identity=signed(id="42")), window(identity=signed(id="42"))
    one.say()
    noor = desk.user("noor", teams=[desk.team()])
    visitor_block(
        actor=noor, ticket_id=Ticket.objects.get().pk, visitor_id=one.visitor.pk, now=database_now()
    )
    assert [each.ask("GET", "state").status_code for each in (one, other)] == [401, 401]
    fresh = Window().ask("POST", "session", {"identity": signed(id="42")})
    assert (fresh.status_code, fresh.content) == (401, Window(token="x").ask("GET", "state").content)


# -- signed identity -------------------------------------------------------------------------------------------


def signed(secret: str = SECRET, **told: Any) -> str:
    return identity.sign({"name": "Aylin Demir", "exp": int(time.time()) + 600, **told}, secret)


def test_who_the_site_vouches_for_is_one_contact_in_two_browsers() -> None:
    one, other = window(identity=signed(id="42")), window(identity=signed(id=42))
    one.say("The lamp at Kade 12 is broken, can you repair it?")
    other.say("My bin was not collected, could you come?")
    assert one.visitor.pk != other.visitor.pk
    (who,) = {message.identity for message in Message.objects.filter(direction="in")}
    assert who is not None
    assert (who.external_id, who.scope, who.name) == ("id:42", SITE, "Aylin Demir")


def test_an_address_that_the_site_tells_is_only_proposed() -> None:
    found = Window().begin(identity=signed(id="42", email="a.demir@voorbeeld.example"))
    assert found["suggests"] == "a.demir@voorbeeld.example"
    assert found["address"] == ""


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (lambda: signed("another secret of somebody else", id="42"), "signature"),
        (lambda: signed(id="42", exp=int(time.time()) - 1), "expired"),
        (lambda: signed(id="42", exp=int(time.time()) + 90_000), "too long"),
        (lambda: signed(id="42", exp=(int(time.time()) + 600) * 1_000), "too long"),
        (lambda: signed(id=""), "as it must be"),
        (lambda: signed(id=["42"]), "as it must be"),
        (lambda: signed(id="42", exp="tomorrow"), "as it must be"),
        (lambda: signed(id="42", exp=True), "as it must be"),
        (lambda: signed(name="No id"), "as it must be"),
        (lambda: signed(id="42")[:-1], "signature"),
        (lambda: "x" + signed(id="42"), "signature"),
        (lambda: "nonsense", "signature"),
        (lambda: ".", "signature"),
        (lambda: signed(id="42").replace(".", ".é"), "signature"),
        (lambda: identity.sign({"id": "4" * 4_000}, SECRET)[:4_000], "signature"),
    ],
)
def test_an_identity_that_is_not_signed_or_not_in_time_is_refused(told: Any, words: str) -> None:
    answer = Window().ask("POST", "session", {"identity": told()})
    assert (answer.status_code, answer.json()["code"]) == (403, "identity-refused")
    assert words in answer.json()["detail"]
    assert not Visitor.objects.exists()


def test_a_signature_of_something_that_is_no_object_is_refused() -> None:
    for body in (b"[]", b"3", b"\xff", b"[" * 3_000):
        packed = base64.urlsafe_b64encode(body).decode()
        told = f"{packed}.{identity._signature(packed, SECRET)}"
        assert Window().ask("POST", "session", {"identity": told}).status_code == 403


def test_while_the_secret_is_changed_both_hold() -> None:
    chat("c" * 16, secret=f"the-new-one-of-many-many-signs-long {SECRET}")
    for secret, status in ((SECRET, 201), ("the-new-one-of-many-many-signs-long", 201), ("neither", 403)):
        answer = Window("c" * 16).ask("POST", "session", {"identity": signed(secret, id="1")})
        assert answer.status_code == status
    assert signed("c", id="1")
    chat("d" * 16)
    none = Window("d" * 16).ask("POST", "session", {"identity": signed("", id="1")})
    assert (none.status_code, none.json()["code"]) == (403, "identity-refused")


def test_a_secret_is_long_and_there_are_two_at_most() -> None:
    given = {"name": "Merendam", "sites": HOST}
    new = "the-new-one-of-many-many-signs-long"
    (found,) = Chat.connect_fields(AppView({}), None, {**given, "identity_secret": f" {new}  {SECRET} "})  # type: ignore[arg-type]
    assert found.credentials == {"identity_secret": f"{new} {SECRET}"}
    for bad in ("short", f"{SECRET} short", f"{new} {SECRET} {SECRET}"):
        with pytest.raises(ConnectFailed):
            Chat.connect_fields(AppView({}), None, {**given, "identity_secret": bad})  # type: ignore[arg-type]


def test_a_token_goes_on_only_as_the_person_it_began_as() -> None:
    made = window()
    other = made.ask("POST", "session", {"identity": signed(id="42")})
    assert other.status_code == 201
    assert other.json()["token"] != made.token
    made.token = other.json()["token"]
    assert made.ask("POST", "session", {"identity": signed(id="42")}).status_code == 200


# -- where it is asked from ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://www.merendam.example", f"{HOST}:8443", f"{HOST}.evil.example", "null"],
)
def test_another_origin_is_refused_and_gets_no_header_of_ours(origin: str) -> None:
    made = window()
    for answer in (
        made.ask("GET", "state", Origin=origin),
        made.ask("POST", "session", {"language": "en"}, Origin=origin),
        made.ask("OPTIONS", "messages", Origin=origin, **{"Access-Control-Request-Method": "POST"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "origin-not-allowed")
        assert "Access-Control-Allow-Origin" not in answer
    assert Window().ask("POST", "session", {"origin": origin}).status_code == 403


def test_a_site_of_the_accounts_may_ask_from_its_own_pages() -> None:
    made = window()
    preflight = made.ask(
        "OPTIONS",
        "messages",
        Origin=HOST,
        **{
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == HOST
    assert "POST" in preflight["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight
    asked = made.ask("GET", "state", Origin=HOST)
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (200, HOST)
    assert "Origin" in asked["Vary"]
    wrong = Window(token="x").ask("GET", "state", Origin=HOST)
    assert (wrong.status_code, wrong["Access-Control-Allow-Origin"]) == (401, HOST)


def test_our_own_pages_need_no_leave_and_a_star_is_what_lies_below() -> None:
    made = window()
    assert made.ask("GET", "state", Origin="http://testserver").status_code == 200
    chat("e" * 16, sites="https://*.merendam.example")
    for origin, status in (
        ("https://loket.merendam.example", 201),
        ("https://merendam.example", 403),
        ("https://evilmerendam.example", 403),
        ("http://loket.merendam.example", 403),
    ):
        answer = Window("e" * 16).ask("POST", "session", {"origin": origin})
        assert answer.status_code == status, origin


# -- how much --------------------------------------------------------------------------------------------------


def test_one_visitor_who_floods_pauses_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "messages", limits.Limit(visitor=3, address=100, site=100))
    one, other = window(), window()
    assert [one.say(f"{n}").status_code for n in range(4)] == [201, 201, 201, 429]
    refused = one.say("4")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused.json()["code"] == "too-often"
    assert refused["Content-Type"] == "application/problem+json"
    assert other.say("mine").status_code == 201, "another one goes on"
    past = database_now() - timedelta(minutes=2)
    RequestCount.objects.update(window_at=past)
    assert one.say("4").status_code == 201


def test_one_address_and_one_site_have_their_measure_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "messages", limits.Limit(visitor=100, address=2, site=100))
    assert [window().say().status_code for _ in range(3)] == [201, 201, 429]
    monkeypatch.setitem(limits.LIMITS, "session", limits.Limit(visitor=100, address=100, site=4))
    assert Window().ask("POST", "session", {}).status_code == 201
    assert Window().ask("POST", "session", {}).status_code == 429
    chat("f" * 16)
    assert Window("f" * 16).ask("POST", "session", {}).status_code == 201


def test_guessing_tokens_pauses_without_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GUESSES", 3)
    right = window()
    answers = [Window(token=f"guess-{n}").ask("GET", "state").status_code for n in range(5)]
    assert answers == [401, 401, 401, 429, 429]
    assert right.ask("GET", "state").status_code == 200, "a neighbour behind the same address goes on"
    Visitor.objects.filter(pk=right.visitor.pk).update(blocked_at=database_now())
    assert right.ask("GET", "state").status_code == 429


def test_counts_are_rows_and_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "get", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(limits, "_VISITORS", 2)
    RequestCount.objects.all().delete()
    for _ in range(6):
        window().ask("GET", "state")
    keys = set(RequestCount.objects.values_list("key", flat=True))
    assert len({key for key in keys if key.startswith("chat:state:v:")}) <= 2
    assert len({key for key in keys if key.startswith("chat:state:a:")}) == 1


@pytest.mark.parametrize(
    ("where", "most"), [("messages", 128 * 1024), ("seen", 16 * 1024), ("session", 16 * 1024)]
)
def test_a_body_that_is_too_long_is_not_read(where: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = window()
    monkeypatch.setattr("django.core.handlers.wsgi.LimitedStream.read", lambda *_: 1 / 0)
    answer = made.ask("POST", where, b"[" + b" " * most)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert answer["Content-Type"] == "application/problem+json"


# -- files -----------------------------------------------------------------------------------------------------


def put(made: Window, name: str = "lamp.png", content: bytes = PNG, kind: str = "image/png") -> Any:
    return made.client.post(
        f"/api/chat/v1/{made.site}/files",
        {"file": SimpleUploadedFile(name, content, content_type=kind)},
        headers={"Authorization": f"Visitor {made.token}"},
    )


def test_a_file_goes_with_its_message_and_comes_back(account: ChannelAccount) -> None:
    made = window()
    answer = put(made, "../../etc/lamp.png", kind="text/html")
    assert (answer.status_code, answer.json()["name"], answer.json()["type"]) == (
        201,
        "lamp.png",
        "image/png",
    )
    row = VisitorFile.objects.get()
    said = made.say("Look.", files=[answer.json()["id"]])
    assert said.status_code == 201
    assert not VisitorFile.objects.exists()
    kept = Attachment.objects.get()
    assert (kept.name, kept.size) == ("lamp.png", len(PNG))
    (line,) = made.state()["lines"]
    assert line["files"] == [{"name": "lamp.png", "size": len(PNG), "type": "image/png", "url": ""}]
    attachments_fetch(account.pk)
    (line,) = made.state()["lines"]
    stranger = Window()
    answer = stranger.ask("GET", line["files"][0]["url"])
    assert b"".join(answer.streaming_content) == PNG
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert row.storage_key


def test_a_file_alone_is_a_message_and_another_ones_is_none() -> None:
    one, other = window(), window()
    mine = put(one).json()["id"]
    stolen = other.say("Look.", files=[mine])
    assert (stolen.status_code, stolen.json()["code"]) == (422, "files")
    assert one.say("", files=[mine]).status_code == 201
    again = one.say("again", files=[mine])
    assert again.status_code == 422, "it went with the first"
    assert Message.objects.filter(direction="in").count() == 1


def test_files_have_their_measure(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ATTACHMENT_MOST_BYTES = 100_000
    made = window()
    large = put(made, content=PNG + b"\0" * 100_000)
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    huge = put(made, content=PNG + b"\0" * 300_000)
    assert (huge.status_code, huge.json()["code"]) == (413, "too-large")
    assert put(made, content=b"").status_code == 422
    assert made.ask("POST", "files", {"file": "x"}).status_code == 415
    monkeypatch.setattr(files, "READY_MOST", 2)
    assert [put(made).status_code for _ in range(3)] == [201, 201, 422]
    assert VisitorFile.objects.count() == 2


def test_what_waits_at_one_chat_has_its_measure(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ATTACHMENT_MOST_BYTES = 2 * len(PNG)
    monkeypatch.setattr(files, "WAITING_TIMES", 1)
    chat("f" * 16)
    assert [put(window()).status_code for _ in range(2)] == [201, 201]
    refused = put(window())
    assert (refused.status_code, refused.json()["code"]) == (422, "files")
    assert "without the file" in refused.json()["detail"]
    assert put(window("f" * 16)).status_code == 201, "another chat goes on"
    assert VisitorFile.objects.count() == 3


def test_the_address_of_a_file_holds_for_a_while_and_for_its_visitor() -> None:
    made = window()
    made.say(WORDS)
    our_line(made.visitor, files=[{"id": a_file(), "name": "a.png", "type": "image/png", "size": 3}])
    there = made.state()["lines"][1]["files"][0]["url"]
    assert fetched(made, there) == (200, PNG)
    whole, _, key = there.rpartition("/")
    ends, signature = key.split(".")
    past = f"{int(ends, 16) - 5:x}"
    for bad in (f"{past}.{signature}", f"{ends}.{'0' * 40}", ends, "x.y", "", "é.1", f".{signature}"):
        answer = made.ask("GET", f"{whole}/{bad}")
        assert answer.status_code == 404, bad
    Visitor.objects.update(blocked_at=database_now())
    assert made.ask("GET", there).status_code == 404

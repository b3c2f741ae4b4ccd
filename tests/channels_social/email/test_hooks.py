"""What providers bring by webhook, on the recorded requests of the channel's fixture folder: who calls, what it is,
whose mailbox it is for, and what becomes of it. Through the desk's own address: test_hooks_through_the_desk.py."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from channels_social.adapter import AppView, BadContent, BadSignature, RawEvent, UnknownEvent, WebhookRequest
from channels_social.adapters.email import hooks, hooks_told, inbound
from channels_social.adapters.email.hooks_form import Asked, form_read
from tests.channels_social.conftest import RECORDED_AT
from tests.channels_social.contract import cases
from tests.channels_social.email.corpus import NOW as OUR_NOW
from tests.channels_social.email.corpus import OUR_DESK
from tickets.contract import DeliveryEvent, InboundMessage, Parsed

FILES = sorted((Path(__file__).parents[2] / "fixtures/channels/email/webhook").glob("*.json"))
MAILGUN = [path for path in FILES if path.name.startswith("mailgun")]
POSTMARK = [path for path in FILES if path.name.startswith("postmark")]


def parse(event: RawEvent) -> list[Parsed]:
    return hooks_told.parse(event) if event.kind == hooks_told.TOLD else inbound.parse(event, OUR_DESK)


def load(name: str) -> tuple[AppView, WebhookRequest]:
    (path,) = (path for path in FILES if path.stem == name)
    case = cases.read(path)
    return cases.app(case), cases.request(path, case)


def one(name: str) -> RawEvent:
    (event,) = hooks.split(load(name)[1])
    return event


def form(**fields: bytes) -> WebhookRequest:
    parts = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (name.replace("_", "-").encode(), value)
        for name, value in fields.items()
    )
    return WebhookRequest(
        "POST", parts + b"--B--\r\n", {"content-type": "multipart/form-data; boundary=B"}, {}
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_request_is_known_and_read_as_expected(path: Path) -> None:
    case = cases.read(path)
    request = cases.request(path, case)
    hooks.verify(cases.app(case), request)
    events = hooks.split(request)
    found = []
    for event, want in zip(events, case["expected"]["events"], strict=True):
        told: dict[str, Any] = {"account_key": event.account_key, "kind": event.kind}
        if "not_ours" not in want:
            try:
                told["parsed"] = [cases.plain(said) for said in parse(event)]
            except (UnknownEvent, BadContent) as error:
                told["refused"] = type(error).__name__
        found.append(told)
    for want in case["expected"]["events"]:
        want.pop("not_ours", None)
    assert cases.differences(case["expected"]["events"], found) == []
    assert [event.dedupe_key for event in events] == [event.dedupe_key for event in hooks.split(request)]


class TestWhoCalls:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_with_another_secret_or_none_it_is_refused(self, path: Path) -> None:
        case = cases.read(path)
        request = cases.request(path, case)
        for secrets in (
            {},
            {name: ["other"] for name in case["secrets"]},
            {name: [""] for name in case["secrets"]},
        ):
            with pytest.raises(BadSignature):
                hooks.verify(AppView(secrets), request)

    def test_the_secret_of_one_provider_is_none_for_another(self) -> None:
        app, request = load("mailgun_mail")
        (key,) = app.secrets["mailgun_signing_key"]
        with pytest.raises(BadSignature):
            hooks.verify(AppView({"postmark_login": [key]}), request)

    @pytest.mark.parametrize("path", MAILGUN, ids=lambda path: path.stem)
    def test_each_sign_of_what_mailgun_signs_counts(self, path: Path) -> None:
        case = cases.read(path)
        request = cases.request(path, case)
        if path.stem == "mailgun_mail" or request.body.startswith(b"{"):
            told = json.loads(request.body)["signature"] if request.body.startswith(b"{") else None
            fields = form_read(request)
            for name in ("timestamp", "token", "signature"):
                value = told[name].encode() if told else bytes(fields[name].value)
                for at in (0, len(value) // 2, len(value) - 1):
                    other = value[:at] + (b"1" if value[at : at + 1] != b"1" else b"2") + value[at + 1 :]
                    changed = dataclasses.replace(request, body=request.body.replace(value, other))
                    assert changed.body != request.body
                    with pytest.raises(BadSignature):
                        hooks.verify(cases.app(case), changed)

    @pytest.mark.parametrize("path", MAILGUN, ids=lambda path: path.stem)
    def test_a_signature_that_was_seen_before_is_worth_nothing_a_quarter_of_an_hour_later(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = cases.read(path)
        request = cases.request(path, case)
        for minutes, is_taken in (
            (-16, False),
            (-14, True),
            (0, True),
            (14, True),
            (16, False),
            (60 * 24, False),
        ):
            monkeypatch.setattr(hooks, "_clock", lambda: RECORDED_AT + minutes * 60.0)  # noqa: B023 - called at once
            if is_taken:
                hooks.verify(cases.app(case), request)
                continue
            with pytest.raises(BadSignature):
                hooks.verify(cases.app(case), request)

    def test_a_rotation(self) -> None:
        for name, secret in (("mailgun_mail", "mailgun_signing_key"), ("postmark_mail", "postmark_login")):
            app, request = load(name)
            hooks.verify(AppView({secret: ["newer", *app.secrets[secret]]}), request)

    @pytest.mark.parametrize(
        "authorization",
        ["", "Basic", "Basic !!", "Basic é", "Bearer abc", "Basic " + base64.b64encode(b"\xff\xfe").decode()],
    )
    def test_postmark_without_its_login_is_nobody(self, authorization: str) -> None:
        app, request = load("postmark_mail")
        for secrets in (app.secrets, {"postmark_login": ["None"]}, {"postmark_login": [""]}):
            with pytest.raises(BadSignature):
                hooks.verify(
                    AppView(secrets),
                    dataclasses.replace(request, headers={**request.headers, "authorization": authorization}),
                )

    def test_what_tells_of_a_mail_is_not_read_where_it_is_far_too_long(self) -> None:
        app, request = load("mailgun_delivered")
        with pytest.raises(BadSignature):
            hooks.verify(app, dataclasses.replace(request, body=request.body + b" " * 1024 * 1024))


class TestWhoseItIs:
    def test_where_a_mail_was_passed_on_its_fields_name_the_mailbox_and_the_oldest_has_the_rest(self) -> None:
        _, request = load("postmark_mail")
        told = {**json.loads(request.body), "OriginalRecipient": "hash@inbound.example"}
        (event,) = hooks.split(dataclasses.replace(request, body=json.dumps(told).encode()))
        assert (event.account_key, event.or_else) == ("hash@inbound.example", ("desk@haverdam.example", ""))

    def test_a_plus_and_capitals_lead_to_the_mailbox(self) -> None:
        assert one("mailgun_other_mailbox").account_key == "parken@haverdam.example"

    def test_of_many_addresses_some_are_looked_at(self) -> None:
        to = ", ".join(f"a{number}@b.example" for number in range(500))
        (event,) = hooks.split(form(recipient=b"x@y.example", body_mime=f"To: {to}\r\n\r\nHello".encode()))
        assert len(event.or_else) == 21

    def test_its_envelope_goes_with_it(self) -> None:
        envelope, _ = inbound.opened(one("mailgun_mail").body)
        assert envelope.recipients == ("desk@haverdam.example",)
        assert (envelope.return_path, envelope.received_at.isoformat()) == (
            "anna@post.example",
            "2026-11-17T10:40:00+00:00",
        )

    def test_an_empty_sender_is_one(self) -> None:
        for sender in (b"", b"<>"):
            (event,) = hooks.split(
                form(recipient=b"x@y.example", sender=sender, body_mime=b"Subject: x\r\n\r\nHello")
            )
            assert inbound.opened(event.body)[0].return_path == ""


class TestTheMail:
    def test_its_bytes_are_kept_as_they_came(self) -> None:
        _, raw = inbound.opened(one("mailgun_mail").body)
        assert raw.startswith(b"Received: from mail.post.example")
        assert b"caf\xe9-kant" in raw
        every = bytes(range(256)) * 40
        (event,) = hooks.split(form(recipient=b"x@y.example", body_mime=b"Subject: x\r\n\r\n" + every))
        assert event.body.endswith(b"\r\n\r\n" + every)

    def test_as_pairs_it_is_the_same(self) -> None:
        raw = b"Subject: 100%+1 & more\r\n\r\n\xe9=\x00"
        body = b"recipient=x%40y.example&body-mime=" + b"".join(b"%%%02X" % byte for byte in raw)
        request = WebhookRequest("POST", body, {"content-type": "application/x-www-form-urlencoded"}, {})
        (event,) = hooks.split(request)
        assert event.body.endswith(raw)

    def test_built_again_it_has_its_files_and_is_the_same_each_time(self) -> None:
        for name, files in (("mailgun_parsed", 1), ("postmark_without_raw", 0)):
            first, second = one(name), one(name)
            assert first.dedupe_key == second.dedupe_key
            (said,) = parse(first)
            assert isinstance(said, InboundMessage)
            assert [each.kind for each in said.attachments].count("file") == files
        picture = next(each for each in parse(one("mailgun_parsed"))[0].attachments if each.kind == "file")  # type: ignore[union-attr]
        assert (picture.name, picture.content_type) == ("put.png", "image/png")

    def test_one_mail_by_two_ways_is_stored_once(self) -> None:
        _, raw = inbound.opened(one("mailgun_mail").body)
        fetched = inbound.event_of("desk@haverdam.example", raw, inbound.Envelope(OUR_NOW))
        assert fetched.dedupe_key == one("mailgun_mail").dedupe_key


class TestWhatIsTold:
    def test_what_is_put_beside_a_mail_comes_back(self) -> None:
        long_id = "k" * 300 + "@haverdam.example"
        beside = hooks_told.beside("desk@haverdam.example", long_id[-200:])
        assert all(len(value) <= 80 for value in beside.values())
        _, request = load("postmark_bounce")
        told = {**json.loads(request.body), "Metadata": beside}
        (event,) = hooks.split(dataclasses.replace(request, body=json.dumps(told).encode()))
        (said,) = hooks_told.parse(event)
        assert isinstance(said, DeliveryEvent)
        assert said.external_id == long_id[-200:]
        assert event.account_key == "desk@haverdam.example"

    def test_two_reports_of_one_mail_are_two(self) -> None:
        names = (
            "postmark_bounce",
            "postmark_transient",
            "postmark_delivery",
            "postmark_complaint",
            "mailgun_full",
        )
        assert len({one(name).dedupe_key for name in names}) == len(names)


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b'{"event-data":' * 5_000,
    b'{"event-data":7,"signature":[]}',
    b'{"event-data":{"message":"x"},"signature":{"token":{}}}',
    b'{"RecordType":["Bounce"]}',
    b'{"RecordType":"Bounce"}',
    b'{"RecordType":"Bounce","ID":1,"Metadata":"x","From":["\\ud800"]}',
    b'{"Headers":[1],"RawEmail":5}',
    b'{"RawEmail":"\\ud800"}',
    b'{"FromFull":1}',
    b'{"event-data":{"event":"delivered","message":{"headers":{"message-id":5,"from":"\\u0000"}}},"signature":{"token":"x"}}',
    b"--B\r\n",
    b"--B\r\n\r\n\r\n--B--",
    b'--B\r\nContent-Disposition: form-data; name="body-mime"\r\n\r\n\r\n--B--\r\n',
    b'--B\r\nContent-Disposition: form-data; name="message-headers"\r\n\r\n[["a"]]\r\n--B--\r\n',
    b"body-mime=%",
    b"message-headers=[]&attachment-count=9&content-id-map=[]",
    b"message-headers=%5B%5B%22From%22,%22%5Cud800%22%5D%5D",
]
KINDS = [
    "application/json",
    "multipart/form-data; boundary=B",
    "application/x-www-form-urlencoded",
    "",
    "é;=",
    "multipart/form-data; boundary=" + "x" * 300,
]


@pytest.mark.parametrize("login", ["", "Basic " + base64.b64encode(b"desk:example-password").decode()])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_it_is_refused_or_kept(kind: str, login: str) -> None:
    app = AppView({"mailgun_signing_key": ["k"], "postmark_login": ["other:one"]})
    for body in HOSTILE:
        request = WebhookRequest("POST", body, {"content-type": kind, "authorization": login}, {})
        with pytest.raises(BadSignature):
            hooks.verify(app, request)
        for event in hooks.split(request):
            (event.account_key + event.dedupe_key + event.kind + "".join(event.or_else)).encode()
            assert event.dedupe_key
            assert "\0" not in event.account_key + event.dedupe_key + event.kind
            try:
                said = parse(event)
            except (UnknownEvent, BadContent):
                continue
            assert said


def test_a_form_is_read_in_one_pass_and_bounded() -> None:
    many = b"&".join(b"a%d=1" % number for number in range(5_000))
    assert (
        len(
            form_read(WebhookRequest("POST", many, {"content-type": "application/x-www-form-urlencoded"}, {}))
        )
        == 1_000
    )
    request = form(body_mime=b"x" * 10_000_000)
    assert form_read(request)["body-mime"].value.obj is request.body
    assert Asked(request).POST == {}

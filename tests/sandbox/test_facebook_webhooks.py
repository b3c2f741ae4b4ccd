"""Subscribing, the challenge, signatures over raw bytes, which updates come, and how badly they can be delivered."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
import requests

from sandbox.client import SandboxError
from sandbox.facebook.world import PAGE_INBOX
from tests.sandbox.conftest import Graph, GraphRefusal, Place
from tests.sandbox.receiver import PageReceiver, told

FIELDS = "feed,messages,message_echoes,message_deliveries,message_reads,message_edits"


@pytest.fixture
def receiver(place: Place) -> Iterator[PageReceiver]:
    made = PageReceiver(place.page["app_secret"])
    made.verify_token = place.page["verify_token"]
    yield made
    made.close()


def app_client(place: Place) -> Graph:
    return Graph(place.url, place.page["app_token"], place.page["app_secret"])


def register(place: Place, receiver: PageReceiver, fields: str = FIELDS) -> None:
    """As a desk does it: the app's callback first, then the Page's fields."""
    given = {"object": "page", "callback_url": receiver.url, "verify_token": receiver.verify_token}
    app_client(place).put_object(place.page["app_id"], "subscriptions", **given, fields=fields)
    place.graph.put_object(place.page_id, "subscribed_apps", subscribed_fields=fields)


def test_subscribing_and_the_challenge(place: Place, receiver: PageReceiver) -> None:
    app, app_id = app_client(place), place.page["app_id"]
    bare = {"access_token": place.page["app_token"]}  # it holds the secret and needs no proof
    assert requests.get(f"{place.url}/v26.0/{app_id}/subscriptions", params=bare, timeout=5).ok
    assert app.get_connections(app_id, "subscriptions")["data"] == []
    given = {"object": "page", "callback_url": receiver.url, "verify_token": "wrong", "fields": "feed"}
    with pytest.raises(GraphRefusal, match="HTTP Status Code = 403"):
        app.put_object(app_id, "subscriptions", **given)
    receiver.challenge_ok = False
    with pytest.raises(GraphRefusal, match="not the challenge"):
        app.put_object(app_id, "subscriptions", **{**given, "verify_token": receiver.verify_token})
    with pytest.raises(GraphRefusal, match="loopback only"):
        app.put_object(app_id, "subscriptions", **{**given, "callback_url": "https://example.org/hook"})
    with pytest.raises(GraphRefusal, match="app access token"):
        place.graph.put_object(app_id, "subscriptions", **given)
    receiver.challenge_ok = True
    register(place, receiver, "feed,messages")
    (entry,) = app.get_connections(app_id, "subscriptions")["data"]
    assert (entry["callback_url"], entry["active"]) == (receiver.url, True)
    (subscribed,) = place.graph.get_connections(place.page_id, "subscribed_apps")["data"]
    assert (subscribed["id"], subscribed["subscribed_fields"]) == (app_id, ["feed", "messages"])
    assert place.fb.page("merendam")["subscribed"] == ["feed", "messages"]
    with pytest.raises(GraphRefusal, match="not one of its own: weather"):
        place.graph.put_object(place.page_id, "subscribed_apps", subscribed_fields="weather")
    place.graph.request(f"v26.0/{place.page_id}/subscribed_apps", method="DELETE")
    assert place.graph.get_connections(place.page_id, "subscribed_apps")["data"] == []
    app.request(f"v26.0/{app_id}/subscriptions", method="DELETE")
    assert app.get_connections(app_id, "subscriptions")["data"] == []


def test_the_dashboards_way(place: Place, receiver: PageReceiver) -> None:
    with pytest.raises(SandboxError, match="was not verified"):
        place.fb.register_hook(receiver.url, verify_token="wrong")
    assert place.fb.register_hook(receiver.url)["callback_url"] == receiver.url
    place.fb.post("marleen", "hallo")
    receiver.wait(1)


def test_a_comments_life_and_the_signature(place: Place, receiver: PageReceiver) -> None:
    register(place, receiver)
    post = place.fb.post("marleen", "Lantaarn kapot bij café Zuid / zie foto 😀")
    (told_post,) = receiver.wait_updates(1)
    assert told_post == {
        "from": {"id": post["author_id"], "name": "Marleen Kuipers"}, "item": "post", "verb": "add",
        "message": "Lantaarn kapot bij café Zuid / zie foto 😀", "post_id": post["id"],
        "created_time": post["created_ms"] // 1000, "published": 1,
    }  # fmt: skip
    body = receiver.bodies[0]
    assert receiver.got[0][1] is True
    assert b"caf\\u00e9 Zuid \\/ zie foto \\ud83d\\ude00" in body
    assert body.isascii()
    assert json.dumps(json.loads(body), separators=(",", ":")).encode() != body
    comment = place.fb.comment("kees", post["id"], "hier ook")
    (_, added) = receiver.wait_updates(2)
    assert (added["item"], added["verb"], added["comment_id"]) == ("comment", "add", comment["id"])
    assert added["parent_id"] == added["post_id"] == added["post"]["id"] == post["id"]
    own = place.graph.put_object(comment["id"], "comments", message="Dank")["id"]
    place.fb.edit(comment["id"], "hier niet")
    place.fb.delete(comment["id"])
    found = receiver.wait_updates(5)[2:]
    by_verb = {one["verb"]: one for one in found}
    assert (by_verb["add"]["from"]["id"], by_verb["add"]["parent_id"]) == (place.page_id, comment["id"])
    assert by_verb["add"]["comment_id"] == own
    assert (by_verb["edited"]["message"], by_verb["edited"]["created_time"]) == (
        "hier niet",
        added["created_time"],
    )
    assert by_verb["remove"] == {
        "from": {"id": comment["author_id"]}, "item": "comment", "verb": "remove", "comment_id": comment["id"],
        "post_id": post["id"], "parent_id": post["id"], "created_time": added["created_time"],
    }  # fmt: skip
    entry = receiver.got[0][0]["entry"][0]
    assert (entry["id"], entry["changes"][0]["field"]) == (place.page_id, "feed")
    assert abs(entry["time"] - time.time()) < 60


def test_missing_names_and_missing_words(place: Place, receiver: PageReceiver) -> None:
    register(place, receiver)
    place.control.settings(facebook={"permissions": ["pages_manage_engagement"]})
    post = place.fb.post("marleen", "", media="photo")
    place.fb.comment("kees", post["id"], media="sticker")
    place.graph.put_object(post["id"], "comments", message="Dank")
    place.fb.react("kees", post["id"])
    found = receiver.wait_updates(4)
    photo = next(one for one in found if one["item"] == "photo")
    assert (photo["verb"], "from" in photo, "message" in photo) == ("add", False, False)
    assert requests.get(photo["link"], timeout=5).headers["Content-Type"] == "image/png"
    comments = {
        ("from" in one, "message" in one, "photo" in one) for one in found if one["item"] == "comment"
    }
    assert comments == {(False, False, True), (True, True, False)}
    (like,) = [one for one in found if one["item"] == "reaction"]
    assert (like["reaction_type"], like["verb"], "from" in like) == ("like", "add", False)


def test_tags_come_or_do_not(place: Place, receiver: PageReceiver) -> None:
    register(place, receiver)
    place.fb.post("kees", "hé @Merendam")
    place.control.settings(facebook={"tags_in_webhooks": False})
    place.fb.post("kees", "hé @Merendam!")
    with_tags, without = sorted(receiver.wait_updates(2), key=lambda one: one["message"])
    assert (with_tags["message"], with_tags["message_tags"][0]["id"]) == ("hé Merendam", place.page_id)
    assert "message_tags" not in without


def test_messages_echoes_and_receipts(place: Place, receiver: PageReceiver) -> None:
    register(place, receiver)
    asked = place.fb.write("marleen", "hallo")
    (first,) = receiver.wait_updates(1)
    assert first == {
        "sender": {"id": asked["psid"]}, "recipient": {"id": place.page_id},
        "timestamp": asked["created_ms"], "message": {"mid": asked["id"], "text": "hallo"},
    }  # fmt: skip
    entry = receiver.got[0][0]["entry"][0]
    assert entry["time"] > 10**12
    assert "changes" not in entry
    sent = place.graph.put_object(
        "me", "messages", recipient={"id": asked["psid"]}, message={"text": "dag"}, messaging_type="RESPONSE"
    )
    outside = place.fb.answer_outside("merendam", "marleen", "Anja hier, ik bel u.")
    assert place.fb.read("marleen") == 2
    place.fb.edit_message(asked["id"], "hallo!")
    place.fb.write("marleen", media="sticker", reply_to=outside["id"])
    found = receiver.wait_updates(8)
    echoes = {one["message"]["mid"]: one for one in found if one.get("message", {}).get("is_echo")}
    assert echoes[sent["message_id"]]["message"]["app_id"] == int(place.page["app_id"])
    assert echoes[outside["id"]]["message"]["app_id"] == int(PAGE_INBOX)
    assert echoes[outside["id"]]["sender"] == {"id": place.page_id}
    delivered = [one["delivery"]["mids"] for one in found if "delivery" in one]
    assert sorted(delivered) == sorted([[sent["message_id"]], [outside["id"]]])
    assert [one["read"]["watermark"] for one in found if "read" in one] == [outside["created_ms"]]
    (edit,) = [one["message_edit"] for one in found if "message_edit" in one]
    assert edit == {"mid": asked["id"], "text": "hallo!", "num_edit": 1}
    (sticker,) = [one["message"] for one in found if one.get("message", {}).get("reply_to")]
    assert (sticker["attachments"][0]["type"], "text" in sticker) == ("sticker", False)
    assert requests.get(sticker["attachments"][0]["payload"]["url"], timeout=5).status_code == 200


def test_only_what_both_subscribed_to(place: Place, receiver: PageReceiver) -> None:
    register(place, receiver, "messages")
    place.graph.put_object(place.page_id, "subscribed_apps", subscribed_fields="feed,messages")
    place.fb.post("kees", "geen feed")
    place.fb.write("kees", "wel een bericht")
    place.fb.unsend(place.fb.write("kees", "weer weg")["id"])
    receiver.wait_updates(2)
    time.sleep(0.1)
    assert {tuple(sorted(one)) for one in receiver.updates()} == {
        ("message", "recipient", "sender", "timestamp")
    }


def test_a_batch_over_several_pages(place: Place, receiver: PageReceiver) -> None:
    trams = place.fb.create_page("trams", "Trams of Merendam", app_id=place.page["app_id"])
    place.fb.register_hook(receiver.url)
    place.control.settings(webhooks={"hold": True})
    made = place.fb.write_many(
        [{"as": "kees", "text": f"nr {n}", "page": "trams" if n % 3 else "merendam"} for n in range(1100)]
    )
    place.fb.write("kees", "en hier", page="trams")
    assert receiver.got == []
    assert place.control.release_webhooks() == 1101
    bodies = receiver.wait(2)
    assert sorted(len(told(body)) for body in bodies) == [101, 1000]
    big = next(body for body in bodies if len(told(body)) == 1000)
    assert {entry["id"] for entry in big["entry"]} == {place.page_id, trams["page_id"]}
    assert {one["post_id"] for body in bodies for one in told(body) if "post_id" in one} == {
        one["id"] for one in made
    }
    assert all(right for _, right in receiver.got)
    assert sorted(one["updates"] for one in place.control.deliveries()) == [101, 1000]


def test_gathering_for_a_while(place: Place, receiver: PageReceiver) -> None:
    place.fb.register_hook(receiver.url)
    place.control.settings(facebook={"batch_seconds": 0.1})
    for n in range(3):
        place.fb.post("kees", f"nr {n}")
    place.fb.write("kees", "hoi")
    (body,) = receiver.wait(1)
    assert [len(entry.get("changes", entry.get("messaging"))) for entry in body["entry"]] == [3, 1]


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_held_twice_and_out_of_order(place: Place, receiver: PageReceiver, order: str) -> None:
    place.fb.register_hook(receiver.url)
    place.control.settings(webhooks={"hold": True}, facebook={"batch_size": 1})
    post = place.fb.post("kees", "eerst")
    place.fb.edit(post["id"], "daarna")
    assert place.control.release_webhooks(order, copies=2) == 4
    found = receiver.wait_updates(4)
    assert sorted(one["verb"] for one in found) == ["add", "add", "edited", "edited"]


def test_copies_bad_signatures_and_retries(place: Place, receiver: PageReceiver) -> None:
    place.fb.register_hook(receiver.url)
    place.control.settings(webhooks={"copies": 2, "bad_signatures": 1})
    place.fb.post("kees", "dubbel")
    receiver.wait(2)
    assert sorted(right for _, right in receiver.got) == [False, True]
    place.control.settings(webhooks={"copies": 1, "backoff": [0.01, 0.01]})
    receiver.answers = [500, 503]
    place.fb.post("kees", "nog eens")
    receiver.wait(3)
    assert place.control.deliveries()[-1]["tries"] == 3
    place.fb.rotate_secret(place.page["app_id"])
    place.control.settings(webhooks={"sign_with": "previous"})
    place.fb.post("kees", "met het oude geheim")
    receiver.wait(4)
    assert receiver.got[3][1] is True


def test_failing_for_long_unsubscribes_the_page(place: Place, receiver: PageReceiver) -> None:
    place.fb.register_hook(receiver.url)
    place.control.settings(webhooks={"backoff": [0.05, 0.05]}, facebook={"disable_after": 0.04})
    receiver.answers = [500, 500, 500]
    place.fb.post("kees", "hoort niemand mij")
    deadline = time.monotonic() + 3
    while place.fb.page("merendam")["subscribed"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    place.fb.post("kees", "nu zeker niet")
    time.sleep(0.15)
    assert receiver.updates() == []
    place.graph.put_object(place.page_id, "subscribed_apps", subscribed_fields="feed")
    place.fb.post("kees", "weer wel")
    receiver.wait_updates(1)


def test_any_body_rightly_signed(place: Place, receiver: PageReceiver) -> None:
    place.fb.register_hook(receiver.url)
    place.fb.send_raw({"object": "page", "entry": [], "more": "é"})
    place.fb.send_raw('{"object":"page","entry":[{"id":7}]}')
    receiver.wait(2)
    assert sorted(receiver.bodies) == [
        b'{"object":"page","entry":[],"more":"\\u00e9"}',
        b'{"object":"page","entry":[{"id":7}]}',
    ]
    assert [right for _, right in receiver.got] == [True, True]
    assert place.fb.send_raw_many([{"n": n} for n in range(5)]) == 5
    receiver.wait(7)
    assert {body["n"] for body, _ in receiver.got[2:]} == set(range(5))

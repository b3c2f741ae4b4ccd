"""Registration, challenge, signature, which events come, and how badly they can be delivered."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import tweepy

from tests.sandbox.conftest import Json, Town, real_client
from tests.sandbox.receiver import Receiver

MENTION, REPLY = "post.mention.create", "post.reply.create"


@pytest.fixture
def receiver(town: Town) -> Iterator[Receiver]:
    made = Receiver(town.desk["consumer_secret"])
    yield made
    made.close()


def register(town: Town, receiver: Receiver) -> str:
    made = town.x.request("POST", "/2/webhooks", json={"url": receiver.url})
    return str(made.json()["data"]["id"])


def subscribe(town: Town, account: Json, webhook_id: str, *event_types: str) -> None:
    user = real_client(town.url, account, bearer_token=account["user_token"])
    for event_type in event_types:
        body = {
            "event_type": event_type,
            "filter": {"user_id": account["user_id"]},
            "webhook_id": webhook_id,
        }
        user.request("POST", "/2/activity/subscriptions", json=body)


def test_mention_arrives_signed_in_the_documented_envelope(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION)
    post = town.control.post("anouk", "hey @MerendamHelpt")
    (event,) = receiver.wait(1)
    assert receiver.got[0][1] is True
    assert (event["event_type"], event["filter"]) == (MENTION, {"user_id": town.desk["user_id"]})
    assert -(2**63) <= int(event["event_uuid"]) < 2**63
    payload = event["payload"]
    assert (payload["id"], payload["text"]) == (post["id"], "hey @MerendamHelpt")
    assert payload["entities"]["mentions"] == [
        {"start": 4, "end": 18, "username": "MerendamHelpt", "id": town.desk["user_id"]}
    ]
    assert event["includes"]["users"][0]["username"] == "anouk"


def test_connections_are_kept_until_the_sandbox_forgets(town: Town, receiver: Receiver) -> None:
    """Whoever listens would else wait for a network that has nothing more to say."""
    subscribe(town, town.desk, register(town, receiver), MENTION)
    town.control.post("anouk", "hey @MerendamHelpt")
    receiver.wait(1)
    assert receiver.connections
    town.control.reset()
    receiver.wait_until_alone()


def test_several_accounts_under_one_address(town: Town, receiver: Receiver) -> None:
    trams = town.control.create_account("MerendamTrams")
    webhook_id = register(town, receiver)
    for account in (town.desk, trams):
        subscribe(town, account, webhook_id, MENTION)
    town.control.post("anouk", "@MerendamTrams @MerendamHelpt help")
    events = receiver.wait(2)
    assert {event["filter"]["user_id"] for event in events} == {town.desk["user_id"], trams["user_id"]}
    assert len({event["event_uuid"] for event in events}) == 2


def test_which_events_come_and_which_never(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION, REPLY, "post.create", "post.delete")
    own = town.x.create_tweet(text="Line 4 stands still.")
    town.control.post("anouk", "@MerendamHelpt why?", in_reply_to=str(own.data["id"]))
    receiver.wait(3)
    assert receiver.types() == sorted([MENTION, REPLY, "post.create"])
    answer = town.x.create_tweet(text="A broken wire.", in_reply_to_tweet_id=town.control.posts()[-1]["id"])
    receiver.wait(4)
    town.control.post(
        "anouk", "and line 5?", in_reply_to=str(answer.data["id"])
    )  # a reply to a reply: no event
    plain = town.control.post("bram", "so it goes")
    town.control.edit(plain["id"], "@MerendamHelpt so it goes")
    town.control.delete(plain["id"])
    town.x.delete_tweet(answer.data["id"])
    receiver.wait(5)
    time.sleep(0.2)
    assert receiver.types() == sorted([MENTION, REPLY, "post.create", "post.create", "post.delete"])
    (deleted,) = (event for event, _ in receiver.got if event["event_type"] == "post.delete")
    assert deleted["payload"] == {"id": str(answer.data["id"]), "author_id": town.desk["user_id"]}
    assert "data" in deleted["includes"]["users"][0]


def test_registration_is_strict(town: Town, receiver: Receiver) -> None:
    receiver.challenge_ok = False
    with pytest.raises(tweepy.BadRequest, match="CrcValidationFailed"):
        register(town, receiver)
    receiver.challenge_ok = True
    webhook_id = register(town, receiver)
    with pytest.raises(tweepy.BadRequest, match="DuplicateUrlFailed"):
        register(town, receiver)
    with pytest.raises(tweepy.BadRequest, match="UrlValidationFailed"):
        town.x.request("POST", "/2/webhooks", json={"url": "https://example.org/hook"})
    (listed,) = town.x.request("GET", "/2/webhooks").json()["data"]
    assert (listed["id"], listed["valid"]) == (webhook_id, True)
    receiver.challenge_ok = False
    with pytest.raises(tweepy.BadRequest, match="CrcValidationFailed"):
        town.x.request("PUT", f"/2/webhooks/{webhook_id}")
    assert town.x.request("GET", "/2/webhooks").json()["data"][0]["valid"] is False
    assert town.x.request("DELETE", f"/2/webhooks/{webhook_id}").json() == {"data": {"deleted": True}}


def test_private_events_need_the_consent_of_that_user(town: Town, receiver: Receiver) -> None:
    trams = town.control.create_account("MerendamTrams")
    webhook_id = register(town, receiver)
    body = {"event_type": MENTION, "filter": {"user_id": town.desk["user_id"]}, "webhook_id": webhook_id}
    with pytest.raises(tweepy.Forbidden):
        town.x.request("POST", "/2/activity/subscriptions", json=body)
    other = real_client(town.url, trams, bearer_token=trams["user_token"])
    with pytest.raises(tweepy.Forbidden):
        other.request("POST", "/2/activity/subscriptions", json=body)
    subscribe(town, town.desk, webhook_id, MENTION)
    (listed,) = town.x.request("GET", "/2/activity/subscriptions").json()["data"]
    gone = town.x.request("DELETE", f"/2/activity/subscriptions/{listed['subscription_id']}").json()
    assert gone == {"data": {"deleted": True}, "meta": {"total_subscriptions": 0}}


def test_doubled_held_reversed_and_badly_signed(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION)
    town.control.settings(webhooks={"copies": 2, "bad_signatures": 1})
    town.control.post("anouk", "@MerendamHelpt twice")
    first, second = receiver.wait(2)
    assert first["event_uuid"] == second["event_uuid"]
    assert sorted(right for _, right in receiver.got) == [False, True]
    town.control.settings(webhooks={"copies": 1, "hold": True})
    for n in range(5):
        town.control.post("anouk", f"@MerendamHelpt {n}")
    time.sleep(0.05)
    assert len(receiver.got) == 2
    assert town.control.release_webhooks("reversed", copies=2) == 10
    receiver.wait(12)


def test_a_failing_receiver_is_tried_again(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION)
    town.control.settings(webhooks={"backoff": [0.02, 0.02, 0.02]})
    receiver.answers = [503, 302]
    town.control.post("anouk", "@MerendamHelpt hello?")
    receiver.wait(1)
    deadline = time.monotonic() + 2
    while (delivery := town.control.deliveries()[-1])[
        "outcome"
    ] != "delivered" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (delivery["tries"], delivery["status"]) == (3, 200)


def test_secret_rotation(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION)
    rotated = town.control.rotate_secret(town.desk["app_id"])
    town.control.settings(webhooks={"sign_with": "previous"})
    town.control.post("anouk", "@MerendamHelpt signed with the old one")
    receiver.wait(1)
    town.control.settings(webhooks={"sign_with": "current"})
    receiver.secret = rotated["consumer_secret"]
    town.control.post("anouk", "@MerendamHelpt signed with the new one")
    receiver.wait(2)
    assert [right for _, right in receiver.got] == [True, True]


def test_a_flood_on_one_account_delays_no_other(town: Town, receiver: Receiver) -> None:
    trams = town.control.create_account("MerendamTrams")
    webhook_id = register(town, receiver)
    for account in (town.desk, trams):
        subscribe(town, account, webhook_id, MENTION)
    flood = [{"as_user": "bram", "text": f"@MerendamHelpt {n}"} for n in range(400)]
    town.control.settings(webhooks={"hold": True})
    town.control.post_many([*flood, {"as_user": "anouk", "text": "@MerendamTrams and I?"}])
    town.control.release_webhooks()
    receiver.wait(401)
    place = [event["filter"]["user_id"] for event, _ in receiver.got].index(trams["user_id"])
    assert place < 300


def test_tries_end_and_say_so(town: Town, receiver: Receiver) -> None:
    subscribe(town, town.desk, register(town, receiver), MENTION)
    town.control.settings(webhooks={"backoff": [0.01]})
    receiver.answers = [500, 500, 500]
    town.control.post("anouk", "@MerendamHelpt anybody?")
    deadline = time.monotonic() + 2
    while not (delivery := town.control.deliveries()[-1])["outcome"].startswith("given up"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (delivery["tries"], receiver.got) == (2, [])

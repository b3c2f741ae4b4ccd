"""Posting, looking up and paging with the real client."""

from __future__ import annotations

import pytest
import requests
import tweepy

from sandbox.client import SandboxError
from sandbox.tongue import language_of
from tests.sandbox.conftest import Town, real_client

NOT_SUMMONED = "You can only reply to or quote posts where you are mentioned or are the author."


def test_reply_lands_under_the_post(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt the lights are dark")
    made = town.x.create_tweet(text="Thanks for telling us.", in_reply_to_tweet_id=asked["id"])
    (reply,) = town.control.replies_to(asked["id"])
    assert reply["id"] == made.data["id"]
    assert (reply["text"], reply["said"]) == ("@anouk Thanks for telling us.", "Thanks for telling us.")
    assert reply["conversation_id"] == asked["conversation_id"]
    seen = town.control.log(method="POST", path="/2/tweets")[-1]
    assert (seen["status"], seen["outcome"], seen["auth"]["kind"]) == (
        201,
        "answered",
        "OAuth 1.0a User Context",
    )
    assert seen["cost"] == 0.01


def test_duplicate_is_refused_until_the_first_is_deleted(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt hello")
    first = town.x.create_tweet(text="See https://example.org", in_reply_to_tweet_id=asked["id"])
    with pytest.raises(tweepy.Forbidden) as refused:
        town.x.create_tweet(text="See https://example.org", in_reply_to_tweet_id=asked["id"])
    assert refused.value.response.json() == {
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
    }
    assert refused.value.api_codes == []
    town.x.delete_tweet(first.data["id"])
    assert town.x.create_tweet(text="See https://example.org", in_reply_to_tweet_id=asked["id"]).data["id"]


def test_reply_only_where_summoned(town: Town) -> None:
    unasked = town.control.post("anouk", "trams again, sigh")
    with pytest.raises(tweepy.Forbidden, match="mentioned or are the author"):
        town.x.create_tweet(text="May we help?", in_reply_to_tweet_id=unasked["id"])
    own = town.x.create_tweet(text="Line 4 runs again.")
    assert town.x.create_tweet(text="2/2 And line 5.", in_reply_to_tweet_id=own.data["id"]).data["id"]
    quoting = town.control.post("bram", "look at this", quoted=own.data["id"])
    assert town.x.create_tweet(text="Hello Bram.", in_reply_to_tweet_id=quoting["id"]).data["id"]


def test_weighted_length(town: Town) -> None:
    town.x.create_tweet(text="é" * 280)
    for too_long in ("é" * 281, "字" * 141, "w.nl " * 12):
        with pytest.raises(tweepy.Forbidden, match="not permitted"):
            town.x.create_tweet(text=too_long)


def test_reply_to_a_deleted_or_protected_post(town: Town) -> None:
    gone = town.control.post("anouk", "@MerendamHelpt never mind")
    town.control.delete(gone["id"])
    hidden = town.control.post("bram", "@MerendamHelpt secret")
    town.control.protect("bram")
    for post in (gone, hidden):
        with pytest.raises(tweepy.Forbidden, match="deleted or not visible"):
            town.x.create_tweet(text="Hello.", in_reply_to_tweet_id=post["id"])


def test_app_only_may_read_but_not_post(town: Town) -> None:
    assert town.x.get_users_mentions(town.desk["user_id"], user_auth=False).meta["result_count"] == 0
    with pytest.raises(tweepy.Forbidden) as refused:
        town.x.create_tweet(text="hi", user_auth=False)
    assert refused.value.response.json()["title"] == "Unsupported Authentication"


def test_user_token_of_oauth2_may_post_and_rotates(town: Town) -> None:
    user = real_client(town.url, town.desk, bearer_token=town.desk["user_token"])
    user.create_tweet(text="by OAuth 2", user_auth=False)
    form = {"grant_type": "refresh_token", "refresh_token": town.desk["refresh_token"]}
    client = (town.desk["client_id"], town.desk["client_secret"])
    assert requests.post(f"{town.url}/2/oauth2/token", data=form, timeout=5).status_code == 401
    fresh = requests.post(f"{town.url}/2/oauth2/token", data=form, auth=client, timeout=5)
    assert (fresh.status_code, fresh.json()["token_type"]) == (200, "bearer")
    again = requests.post(f"{town.url}/2/oauth2/token", data=form, auth=client, timeout=5)
    assert again.status_code == 400
    with pytest.raises(tweepy.Unauthorized):
        user.create_tweet(text="with the old token", user_auth=False)


def test_mentions_page_down_to_since_id(town: Town) -> None:
    first = town.control.post("anouk", "@MerendamHelpt one")
    made = [town.control.post("anouk", f"@merendamhelpt number {n}") for n in range(12)]
    town.control.post("bram", "names nobody")
    pages = tweepy.Paginator(
        town.x.get_users_mentions,
        town.desk["user_id"],
        since_id=first["id"],
        max_results=5,
        expansions=["author_id"],
        tweet_fields=["created_at", "conversation_id"],
        user_fields=["username"],
        user_auth=True,
    )
    got = list(pages)
    assert [len(page.data) for page in got] == [5, 5, 2]
    assert [str(post.id) for page in got for post in page.data] == [post["id"] for post in reversed(made)]
    assert got[0].includes["users"][0].username == "anouk"
    assert got[0].data[0].created_at.isoformat(timespec="milliseconds")[:-6] == made[-1]["created_at"][:-1]
    assert got[0].meta["newest_id"] == made[-1]["id"]
    empty = town.x.get_users_mentions(town.desk["user_id"], since_id=made[-1]["id"], user_auth=True)
    assert (empty.data, empty.meta) == (None, {"result_count": 0})


def test_only_the_latest_mentions_can_be_reached(town: Town) -> None:
    town.control.post_many([{"as_user": "bram", "text": f"@MerendamHelpt {n}"} for n in range(820)])
    pages = tweepy.Paginator(town.x.get_users_mentions, town.desk["user_id"], max_results=100, user_auth=True)
    assert sum(len(page.data or []) for page in pages) == 800


@pytest.mark.parametrize("parameter", ["tweet.fields", "post.fields"])
def test_both_names_of_the_fields(town: Town, parameter: str) -> None:
    post = town.control.post("anouk", "@MerendamHelpt hi")
    headers = {"Authorization": f"Bearer {town.desk['bearer_token']}"}
    query = {"ids": post["id"], parameter: "author_id,lang"}
    (found,) = requests.get(f"{town.url}/2/tweets", params=query, headers=headers, timeout=5).json()["data"]
    assert set(found) == {"id", "text", "edit_history_tweet_ids", "author_id", "lang"}


def test_lookup_of_deleted_protected_and_edited(town: Town) -> None:
    kept, gone, changed = (town.control.post("anouk", f"@MerendamHelpt {word}") for word in ("a", "b", "c"))
    hidden = town.control.post("bram", "@MerendamHelpt d")
    town.control.delete(gone["id"])
    newer = town.control.edit(changed["id"], "@MerendamHelpt c, but better")
    town.control.protect("bram")
    ids = [post["id"] for post in (kept, gone, changed, hidden)]
    found = town.x.get_tweets(ids, user_auth=True)
    assert [str(post.id) for post in found.data] == [kept["id"], changed["id"]]
    assert found.data[1].edit_history_tweet_ids == [int(changed["id"]), int(newer["id"])]
    assert found.errors[0] == {
        "value": gone["id"],
        "detail": f"Could not find tweet with ids: [{gone['id']}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "ids",
        "resource_id": gone["id"],
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
    assert found.errors[1]["type"].endswith("not-authorized-for-resource")
    town.control.settings(lookup_returns="newest")
    (newest,) = town.x.get_tweets([changed["id"]], user_auth=True).data
    assert (str(newest.id), newest.text) == (newer["id"], "@MerendamHelpt c, but better")
    assert str(town.x.get_users_mentions(town.desk["user_id"], user_auth=True).data[0].id) == newer["id"]


def test_rules_of_editing(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt v0")
    answer = town.control.post("bram", "me too", in_reply_to=asked["id"])
    with pytest.raises(SandboxError, match="reply to somebody else"):
        town.control.edit(answer["id"], "me three")
    assert town.control.edit(answer["id"], "me three", force=True)["said"] == "me three"
    for version in range(1, 6):
        town.control.edit(asked["id"], f"@MerendamHelpt v{version}")
    with pytest.raises(SandboxError, match="5 times"):
        town.control.edit(asked["id"], "@MerendamHelpt v6")
    town.control.delete(asked["id"])
    assert town.x.get_tweets([asked["id"]], user_auth=True).errors


def test_timeline_and_search(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt where is tram 4?")
    sent = town.x.create_tweet(text="It comes.", in_reply_to_tweet_id=asked["id"])
    me = town.x.get_me(user_auth=True).data
    own = town.x.get_users_tweets(
        me.id, since_id=asked["id"], tweet_fields=["referenced_tweets"], user_auth=True
    )
    assert str(own.data[0].id) == sent.data["id"]
    assert str(own.data[0].referenced_tweets[0].id) == asked["id"]
    found = town.x.search_recent_tweets(f"conversation_id:{asked['id']} from:MerendamHelpt")
    assert [str(post.id) for post in found.data] == [sent.data["id"]]


def test_somebody_else_in_the_thread_names_the_desk_only_implicitly(town: Town) -> None:
    asked = town.control.post("anouk", "@MerendamHelpt dark lights")
    other = town.control.post("bram", "here too", in_reply_to=asked["id"])
    assert other["text"] == "@anouk @MerendamHelpt here too"
    assert other["display_text_range"] == [22, 30]


def test_missing_things_and_bad_parameters(town: Town) -> None:
    headers = {"Authorization": f"Bearer {town.desk['bearer_token']}"}
    for path, status in (
        ("/2/nothing", 404),
        ("/2/tweets", 400),
        ("/2/tweets?ids=" + ",".join(["1"] * 101), 400),
        (f"/2/users/{town.desk['user_id']}/mentions?max_results=3", 400),
        (f"/2/users/{town.desk['user_id']}/mentions?pagination_token=zzz", 400),
    ):
        assert requests.get(town.url + path, headers=headers, timeout=5).status_code == status, path
    nobody = requests.get(f"{town.url}/2/users/5/mentions", headers=headers, timeout=5)
    assert (nobody.status_code, nobody.json()["errors"][0]["resource_type"]) == (200, "user")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("my street light is broken, can you fix it?", "en"),
        ("de lantaarnpaal in de Kade doet het niet", "nl"),
        ("tram 4 #fail @desk", "und"),
    ],
)
def test_the_language_is_the_words_not_the_writers(text: str, code: str) -> None:
    assert language_of(text) == code

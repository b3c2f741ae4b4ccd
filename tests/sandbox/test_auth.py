"""Signatures are really verified."""

from __future__ import annotations

import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1

from tests.sandbox.conftest import Town, real_client


@pytest.mark.parametrize("name", ["consumer_secret", "access_token_secret", "consumer_key", "access_token"])
def test_one_wrong_character_is_refused(town: Town, name: str) -> None:
    value = town.desk[name]
    wrong = value[:-1] + ("a" if value[-1] != "a" else "b")
    with pytest.raises(tweepy.Unauthorized) as refused:
        real_client(town.url, town.desk, **{name: wrong}).create_tweet(text="hi")
    assert refused.value.response.json() == {
        "title": "Unauthorized",
        "type": "about:blank",
        "status": 401,
        "detail": "Unauthorized",
    }
    assert town.control.log()[-1]["auth"]["ok"] is False
    assert town.control.posts() == []


def test_signature_over_the_loopback_address_is_refused(town: Town) -> None:
    desk = town.desk
    signed = OAuth1(
        desk["consumer_key"], desk["consumer_secret"], desk["access_token"], desk["access_token_secret"]
    )
    answer = requests.post(f"{town.url}/2/tweets", json={"text": "hi"}, auth=signed, timeout=5)
    assert answer.status_code == 401
    assert town.control.log()[-1]["auth"]["why"] == "oauth_signature does not match"


def test_replay_and_old_timestamp_are_refused(town: Town) -> None:
    town.x.get_me(user_auth=True)
    desk = town.desk
    signer = OAuth1(
        desk["consumer_key"], desk["consumer_secret"], desk["access_token"], desk["access_token_secret"]
    )
    request = requests.Request("GET", "https://api.twitter.com/2/users/me", auth=signer).prepare()
    header = {"Authorization": request.headers["Authorization"]}
    answers = [
        requests.get(f"{town.url}/2/users/me", headers=header, timeout=5).status_code for _ in range(2)
    ]
    assert answers == [200, 401]
    assert "nonce" in town.control.log()[-1]["auth"]["why"]
    signer.client.timestamp = "1500000000"
    request = requests.Request("GET", "https://api.twitter.com/2/users/me", auth=signer).prepare()
    header = {"Authorization": request.headers["Authorization"]}
    assert requests.get(f"{town.url}/2/users/me", headers=header, timeout=5).status_code == 401
    assert "timestamp" in town.control.log()[-1]["auth"]["why"]


def test_wrong_bearer_no_header_and_revoked(town: Town) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        assert requests.get(f"{town.url}/2/tweets?ids=1", headers=headers, timeout=5).status_code == 401
    town.control.revoke("MerendamHelpt")
    with pytest.raises(tweepy.Unauthorized):
        town.x.create_tweet(text="hi")


def test_parameters_are_part_of_the_signature(town: Town) -> None:
    desk = town.desk
    signer = OAuth1(
        desk["consumer_key"], desk["consumer_secret"], desk["access_token"], desk["access_token_secret"]
    )
    signed = requests.Request("GET", "https://api.twitter.com/2/tweets?ids=1", auth=signer).prepare()
    header = {"Authorization": signed.headers["Authorization"]}
    assert requests.get(f"{town.url}/2/tweets?ids=2", headers=header, timeout=5).status_code == 401

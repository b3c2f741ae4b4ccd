"""The least that a job could do here: one POST, over a connection that is kept."""

from __future__ import annotations

import json
import os

import requests
from celery import shared_task

_sessions: dict[int, requests.Session] = {}


@shared_task(name="bench.floor_reply")
def floor_reply(user_id: str, post_id: str) -> None:
    """Reply to the post as user `user_id`. BENCH_FLOOR_TOKENS: bearer token by user id."""
    session = _sessions.get(os.getpid())
    if session is None:
        session = _sessions[os.getpid()] = requests.Session()
        session.trust_env = False
    token = json.loads(os.environ["BENCH_FLOOR_TOKENS"])[user_id]
    answer = session.post(
        os.environ["BENCH_SANDBOX"] + "/2/tweets",
        json={"text": f"noted {post_id}", "reply": {"in_reply_to_tweet_id": post_id}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    answer.raise_for_status()

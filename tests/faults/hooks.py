"""Webhook requests as the network would make them, over real HTTP, with the time each answer took."""

from __future__ import annotations

import time
from typing import Any

import requests

from channels_social.models import ChannelApp
from tests import desk
from tickets.models import ChannelAccount

#: What the sandbox's control API adds to a post, and X does not send.
NOT_OF_X = {"username", "said", "deleted", "root", "in_reply_to"}


class Caller:
    """Posts signed webhooks to one desk; `took` holds the seconds of each answer."""

    def __init__(self, url: str, account: ChannelAccount) -> None:
        self.app = ChannelApp.objects.get(connections__account=account)
        self.url = f"{url}/hooks/x/{self.app.hook_key}/"
        self.account = account
        self.took: list[float] = []
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def tell(self, post: dict[str, Any], *, uuid: str = "") -> requests.Response:
        made = {name: value for name, value in post.items() if name not in NOT_OF_X}
        body = desk.mentioned(made, to=self.account.external_id, uuid=uuid)
        headers = {
            "content-type": "application/json",
            "x-twitter-webhooks-signature": desk.signed(body, self.app.secrets["consumer_secret"][0]),
        }
        began = time.monotonic()
        answer = self._session.post(self.url, data=body, headers=headers, timeout=30)
        self.took.append(time.monotonic() - began)
        return answer

"""Handlers of the API for posts and users. Each runs under the world's lock and returns the network's own
form."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox import api_media, policing, render
from sandbox.auth import Caller
from sandbox.ids import parse_iso
from sandbox.network import Network
from sandbox.policing import Refused, invalid
from sandbox.records import Post, User
from sandbox.shapes import ABSENT
from sandbox.shapes import render as fill
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import Unknown

Hit = re.Match[str]
# Search calls its token otherwise than the other lists.
PAGING, NEXT = "pagination_token", "next_token"


def create(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """POST /2/tweets: text, reply.in_reply_to_tweet_id, quote_tweet_id, media.media_ids."""
    try:
        body = request.json()
    except ValueError as error:
        raise invalid("body", "", f"The body is not a JSON object: {error}") from error
    unknown = set(body) - {
        "text",
        "reply",
        "quote_tweet_id",
        "reply_settings",
        "made_with_ai",
        "media",
    }
    if unknown:
        name = min(unknown)
        raise invalid(
            name,
            "",
            f"$.{name}: is not defined in the schema and the schema does not allow it",
        )
    said, reply = body.get("text"), body.get("reply") or {}
    if not isinstance(said, str) or not isinstance(reply, dict):
        raise invalid("text", str(said), "The `text` field must be a string.")
    in_reply_to = _body_id("in_reply_to_tweet_id", reply.get("in_reply_to_tweet_id"))
    quoted = _body_id("quote_tweet_id", body.get("quote_tweet_id"))
    author = _author(network, caller)
    media = api_media.named(network, author.id, body["media"]) if "media" in body else []
    kind = policing.check_post(network.world, author, said, in_reply_to, quoted)
    post = network.world.publish(author, said, in_reply_to, quoted, media=media)
    cost = network.purse.charge(caller.app, kind)
    made = render.post(network.world, post, None)
    answer = fill(
        "post_created",
        id=made["id"],
        text=made["text"],
        edit_history=made["edit_history_tweet_ids"],
    )
    return json_reply(201, answer, cost=cost, post_id=str(post.id))


def delete(network: Network, caller: Caller, _: Request, hit: Hit) -> Reply:
    """DELETE /2/tweets/:id, one's own only."""
    try:
        post = network.world.live(int(hit["id"]))
    except Unknown as error:
        raise Refused("not_found") from error
    if post.author_id != _author(network, caller).id:
        raise Refused("forbidden", detail=policing.NOT_PERMITTED)
    network.world.delete(post.id)
    return json_reply(200, fill("post_deleted"))


def lookup(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """GET /2/tweets?ids=: up to 100; what is not there comes in `errors`."""
    asked = [part for part in request.query.get("ids", "").split(",") if part]
    if not 1 <= len(asked) <= 100:
        problem = (
            f"The number of values in the `ids` query parameter list [{len(asked)}] is not between 1 and 100"
        )
        raise invalid("ids", ",".join(asked), problem)
    for part in asked:
        if not re.fullmatch(r"\d{1,19}", part):
            raise invalid("ids", part, f"The `ids` query parameter value [{part}] is not valid")
    data, extra, errors, cost = _found(network, caller, request, asked, "ids")
    body = fill("lookup", data=data or ABSENT, includes=extra, errors=errors or ABSENT)
    return json_reply(200, body, cost=cost)


def lookup_one(network: Network, caller: Caller, request: Request, hit: Hit) -> Reply:
    """GET /2/tweets/:id."""
    data, extra, errors, cost = _found(network, caller, request, [hit["id"]], "id")
    body = fill(
        "lookup",
        data=data[0] if data else ABSENT,
        includes=extra,
        errors=errors or ABSENT,
    )
    return json_reply(200, body, cost=cost)


def _found(
    network: Network, caller: Caller, request: Request, asked: list[str], parameter: str
) -> tuple[list[dict[str, Any]], Any, list[dict[str, Any]], float]:
    world = network.world
    posts: list[Post] = []
    errors: list[dict[str, Any]] = []
    for part in dict.fromkeys(asked):
        post = world.posts.get(int(part))
        if post is None or post.deleted:
            errors.append(fill("resource_not_found", id=part, resource="tweet", parameter=parameter))
        elif world.users[post.author_id].protected and post.author_id != _own_id(caller):
            errors.append(fill("not_authorized", id=part, parameter=parameter))
        else:
            posts.append(world.newest(post) if world.settings.lookup_returns == "newest" else post)
    asks = _Asks.of(request)
    data = [render.post(world, post, asks.post_fields) for post in posts]
    extra = render.includes(world, posts, asks.expansions, asks.post_fields, asks.user_fields)
    return data, extra, errors, _charge_reads(network, caller, posts, asks)


def mentions(network: Network, caller: Caller, request: Request, hit: Hit) -> Reply:
    """GET /2/users/:id/mentions, newest first; the network goes back so many and no further."""
    ids = network.world.mentioning.get(_user(network, hit["id"]).id, [])
    return _page(
        network,
        caller,
        request,
        ids[-network.world.settings.mention_depth :],
        owner=hit["id"],
    )


def timeline(network: Network, caller: Caller, request: Request, hit: Hit) -> Reply:
    """GET /2/users/:id/tweets, newest first, replies among them unless excluded."""
    ids = network.world.by_author.get(_user(network, hit["id"]).id, [])
    return _page(network, caller, request, ids[-3200:], owner=hit["id"])


def search(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """GET /2/tweets/search/recent: words, "phrases", from:, to:, @handle, conversation_id:, -term; last 7
    days."""
    query = request.query.get("query", "").strip()
    if not 1 <= len(query) <= 512:
        raise invalid(
            "query",
            query,
            f"The `query` query parameter length [{len(query)}] is not between 1 and 512",
        )
    terms = re.findall(r'-?"[^"]+"|\S+', query)
    world = network.world
    week = world.clock().timestamp() * 1000 - 7 * 86_400_000
    ids = [
        i for i, p in world.posts.items() if p.created_ms > week and all(_term(network, p, t) for t in terms)
    ]
    return _page(network, caller, request, sorted(ids), least=10, token_parameter=NEXT)


def _term(network: Network, post: Post, term: str) -> bool:
    if term.startswith("-") and len(term) > 1:
        return not _term(network, post, term[1:])
    world = network.world
    operator, _, value = term.partition(":")
    author = world.users[post.author_id]
    if operator == "conversation_id":
        return str(post.conversation_id) == value
    if operator == "from":
        return value.lstrip("@").lower() in (author.username.lower(), author.id)
    if operator == "to":
        parent = world.posts.get(post.in_reply_to) if post.in_reply_to is not None else None
        to = world.users[parent.author_id] if parent else None
        return to is not None and value.lstrip("@").lower() in (
            to.username.lower(),
            to.id,
        )
    if term == "is:reply":
        return post.in_reply_to is not None
    if term == "is:retweet":
        return False
    return term.strip('"').lower() in post.text.lower()


def me(network: Network, caller: Caller, request: Request, _: Hit) -> Reply:
    """GET /2/users/me."""
    user = _author(network, caller)
    cost = network.purse.charge(caller.app, "user_read", user.id)
    data = render.user(network.world, user, _Asks.of(request).user_fields)
    return json_reply(200, fill("lookup", data=data, includes=ABSENT, errors=ABSENT), cost=cost)


@dataclass(frozen=True)
class _Asks:
    """The fields and expansions a request names; post.fields and tweet.fields are one."""

    post_fields: list[str]
    user_fields: list[str]
    expansions: set[str]

    @staticmethod
    def of(request: Request) -> _Asks:
        query = request.query

        def names(parameter: str) -> list[str]:
            return [part for part in query.get(parameter, "").split(",") if part]

        return _Asks(
            names("tweet.fields") + names("post.fields"),
            names("user.fields"),
            set(names("expansions")),
        )


def _page(
    network: Network, caller: Caller, request: Request, ids: list[int], owner: str = "", least: int = 5,
    token_parameter: str = PAGING,
) -> Reply:  # fmt: skip
    """1. Read and check the parameters. 2. Walk down from the token. 3. One more than asked tells whether a
    further page is there. 4. Render, charge."""
    query, world = request.query, network.world
    size = _number(query, "max_results", 10)
    if not least <= size <= 100:
        problem = f"The `max_results` query parameter value [{size}] is not between {least} and 100"
        raise invalid("max_results", str(size), problem)
    since, until = _number(query, "since_id", 0), _number(query, "until_id", 2**63)
    try:
        start = parse_iso(query["start_time"]) if "start_time" in query else 0
        end = parse_iso(query["end_time"]) if "end_time" in query else 2**63
    except ValueError as error:
        problem = f"start_time or end_time is not valid: {error}"
        raise invalid("start_time", query.get("start_time", ""), problem) from error
    token = query.get(token_parameter) or query.get(PAGING)
    below = min(until, _below(token, token_parameter) if token else 2**63)
    no_replies = "replies" in query.get("exclude", "").split(",")
    chosen: list[Post] = []
    for post in world.newest_first(ids, below):
        if post.id <= since or len(chosen) > size:
            break
        hidden = world.users[post.author_id].protected and post.author_id != _own_id(caller)
        if (
            start <= post.created_ms < end
            and not hidden
            and not (no_replies and post.in_reply_to is not None)
        ):
            chosen.append(post)
    further = _token(chosen[size - 1].id) if len(chosen) > size else None
    chosen = chosen[:size]
    asks = _Asks.of(request)
    data = [render.post(world, post, asks.post_fields) for post in chosen]
    extra = render.includes(world, chosen, asks.expansions, asks.post_fields, asks.user_fields)
    cost = _charge_reads(
        network,
        caller,
        chosen,
        asks,
        owned=bool(owner) and owner == caller.app.owner_id,
    )
    return json_reply(200, render.page(data, extra, further), cost=cost)


def _charge_reads(
    network: Network,
    caller: Caller,
    posts: list[Post],
    asks: _Asks,
    owned: bool = False,
) -> float:
    kind = "owned_read" if owned else "post_read"
    cost = sum(network.purse.charge(caller.app, kind, str(post.id)) for post in posts)
    if "author_id" in asks.expansions:
        cost += sum(
            network.purse.charge(caller.app, "user_read", author) for author in {p.author_id for p in posts}
        )
    return round(cost, 4)


def _token(post_id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"below": post_id}).encode()).decode().rstrip("=")


def _below(token: str, name: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["below"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise invalid(name, token, f"The `{name}` query parameter value [{token}] is not valid") from error


def _number(query: dict[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not re.fullmatch(r"\d{1,19}", value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not a number")
    return int(value)


def _body_id(name: str, value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,19}", value):
        raise invalid(name, str(value), f"$.{name}: does not match the pattern ^[0-9]{{1,19}}$")
    return int(value)


def _author(network: Network, caller: Caller) -> User:
    if caller.account is None:
        raise Refused("unauthorized")
    return network.world.users[caller.account.user_id]


def _own_id(caller: Caller) -> str | None:
    return caller.account.user_id if caller.account else None


def _user(network: Network, user_id: str) -> User:
    user = network.world.users.get(user_id)
    if user is None:
        raise Refused("user_not_found", id=user_id)
    return user

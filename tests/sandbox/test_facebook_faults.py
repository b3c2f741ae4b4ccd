"""Every row of the network's errors, its limits, and every fault of the script, seen by the real client."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
import requests

from sandbox import shapes
from sandbox.client import Sandbox, SandboxError
from sandbox.facebook.refusals import rows
from sandbox.server import start
from tests.sandbox.conftest import Graph, GraphRefusal, Place

# What a desk must tell apart: dead tokens, throttles, passing trouble, permissions, windows, people, input.
PROMISED = [
    "190",
    "190/458",
    "190/459",
    "190/460",
    "190/463",
    "190/464",
    "190/467",
    "102",
    "4",
    "17",
    "32",
    "613",
    "341",
    "80001",
    "1",
    "2",
    "10",
    "200",
    "299",
    "3",
    "10/2018278",
    "10/1893063",
    "368",
    "551/1545041",
    "100/2018001",
    "100/33",
    "506",
    "1609005",
]


@pytest.mark.parametrize("name", PROMISED)
def test_every_row_can_be_played(place: Place, name: str) -> None:
    post = place.fb.post("marleen", "hallo")["id"]
    place.fb.play(name, method="POST", path="/comments$")
    with pytest.raises(GraphRefusal) as refused:
        place.graph.put_object(post, "comments", message="Dank")
    code, _, subcode = name.partition("/")
    assert (str(refused.value.code), str(refused.value.subcode or "")) == (code, subcode)
    assert refused.value.status >= 400
    assert {"message", "type", "code", "fbtrace_id"} <= set(refused.value.error)
    assert place.fb.story(post)["replies"] == []
    place.graph.put_object(post, "comments", message="Dank")


def test_the_table_is_whole_and_throttles_say_how_long(place: Place) -> None:
    assert set(PROMISED) <= set(place.fb.errors())
    assert all(row["source"] for row in rows().values())
    with pytest.raises(SandboxError, match="There is no error 777"):
        place.fb.play("777")
    place.fb.play("80001")
    with pytest.raises(GraphRefusal) as refused:
        place.graph.get_object("me")
    usage = json.loads(refused.value.headers["x-business-use-case-usage"])
    assert usage[next(iter(usage))][0]["estimated_time_to_regain_access"] == 7
    place.fb.play("4")
    with pytest.raises(GraphRefusal) as refused:
        place.graph.get_object("me")
    assert json.loads(refused.value.headers["x-app-usage"])["call_count"] == 100


def test_a_full_window(place: Place) -> None:
    place.control.settings(facebook={"calls": [2, 600]})
    for _ in range(2):
        place.graph.get_object("me")
    assert json.loads(place.graph.answer.headers["x-app-usage"])["call_count"] == 100
    with pytest.raises(GraphRefusal) as refused:
        place.graph.get_object("me")
    assert refused.value.code == 80001
    usage = json.loads(refused.value.headers["x-business-use-case-usage"])[place.page_id][0]
    assert 1 <= usage["estimated_time_to_regain_access"] <= 11
    place.control.forget_limits()
    place.graph.get_object("me")


def test_503_with_html_and_an_empty_200(place: Place) -> None:
    page = json.loads(Path(shapes.FOLDER, "unavailable_html.json").read_text(encoding="utf-8"))["body"]
    place.control.rule(path="/me$", status=503, body=page, headers={"content-type": "text/html"})
    with pytest.raises(requests.JSONDecodeError):
        place.graph.get_object("me")
    assert place.graph.answer.headers["Content-Type"] == "text/html"
    post = place.fb.post("marleen", "hallo")["id"]
    place.control.rule(path="/comments", status=200, at="after_store")
    with pytest.raises(requests.JSONDecodeError):
        place.graph.put_object(post, "comments", message="Dank")
    assert len(place.fb.story(post)["replies"]) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "3"}])
def test_429_with_and_without_a_time(place: Place, headers: dict[str, str]) -> None:
    place.control.rule(
        path="/me$", status=429, headers=headers, body={"error": {"code": 4, "message": "slow"}}
    )
    with pytest.raises(GraphRefusal) as refused:
        place.graph.get_object("me")
    assert (refused.value.status, refused.value.headers.get("Retry-After")) == (
        429,
        headers.get("Retry-After"),
    )


@pytest.mark.parametrize(
    ("point", "stored"),
    [
        ("accept", 0),
        ("before_read", 0),
        ("after_read", 0),
        ("after_store", 1),
        ("before_answer", 1),
        ("mid_answer", 1),
    ],
)
def test_dropped_at_every_point(place: Place, point: str, stored: int) -> None:
    post = place.fb.post("marleen", "hallo")["id"]
    place.graph.get_object("me")  # the connection is kept open, as in a worker
    place.control.rule(method="POST", path="/comments$", at=point, action="drop")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        place.graph.put_object(post, "comments", message="kwam het aan?")
    assert len(place.fb.story(post)["replies"]) == stored
    assert "drop at" in place.control.log(method="POST")[-1]["outcome"]
    if stored:
        with pytest.raises(GraphRefusal, match="506"):
            place.graph.put_object(post, "comments", message="kwam het aan?")


def test_time_out_after_it_was_accepted(place: Place) -> None:
    psid = place.fb.write("kees", "hallo")["psid"]
    place.control.rule(method="POST", path="/messages", at="before_answer", action="delay", delay=0.6)
    hasty = Graph(place.url, place.page["page_token"], place.page["app_secret"], timeout=0.2)
    with pytest.raises(requests.Timeout):
        hasty.put_object("me", "messages", recipient={"id": psid}, message={"text": "traag"})
    assert [one["text"] for one in place.fb.messages("kees")] == ["hallo", "traag"]


def test_hold_until_released(place: Place) -> None:
    post = place.fb.post("marleen", "hallo")["id"]
    rule = place.control.rule(method="POST", path="/comments", at="after_store", action="hold")
    done: list[str] = []

    def send() -> None:
        done.append(place.graph.put_object(post, "comments", message="even wachten")["id"])

    thread = threading.Thread(target=send)
    thread.start()
    place.control.wait_for_hold(rule["id"])
    assert (len(place.fb.story(post)["replies"]), done) == (1, [])
    assert place.control.release(rule["id"]) == 1
    thread.join(5)
    assert done == place.fb.story(post)["replies"]


def test_a_picture_that_is_not_found(place: Place) -> None:
    place.fb.write("kees", media="photo")
    (talk,) = place.graph.get_connections(place.page_id, "conversations", fields="messages{attachments}")[
        "data"
    ]
    url = talk["messages"]["data"][0]["attachments"]["data"][0]["image_data"]["url"]
    place.control.rule(path="/media/", status=404)
    assert requests.get(url, timeout=5).status_code == 404
    assert requests.get(url, timeout=5).status_code == 200
    assert requests.get(f"{place.url}/media/7/photo.png", timeout=5).status_code == 404
    assert requests.get(f"{place.url}/media/../pages.py", timeout=5).status_code == 404


def test_settings_are_checked(place: Place) -> None:
    for wrong in ({"speed": 9}, {"window": "long"}, {"require_proof": 1}, {"permissions": "all"}):
        with pytest.raises(SandboxError, match="400"):
            place.control.settings(facebook=wrong)
    assert place.control.settings(facebook={"window": 60})["facebook"]["window"] == 60


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = start(data=tmp_path, seed=True)
    control = Sandbox(first.base_url)
    post = control.facebook.post("marleenk", "Omgevallen boom", media="photo")
    top = control.facebook.comment("keesbos", post["id"], "hier ook")
    control.facebook.comment("gemeentemerendam", top["id"], "Dank, Anja")
    asked = control.facebook.write("marleenk", "en in mijn straat?")
    control.facebook.block("keesbos")
    gone = control.facebook.post("wimgroen", "weg")
    control.facebook.delete(gone["id"])
    control.settings(facebook={"window": 60})
    before = control.state()
    assert [page["name"] for page in before["facebook"]["pages"]] == ["Merendam"]
    assert len(before["accounts"]) == 3
    first.stop()
    second = start(data=tmp_path, seed=True)
    control = Sandbox(second.base_url)
    after = control.state()
    assert {**after["facebook"], "graph_url": ""} == {**before["facebook"], "graph_url": ""}
    assert after["settings"]["facebook"]["window"] == 60
    (page,) = after["facebook"]["pages"]
    graph = Graph(second.base_url, page["page_token"], page["app_secret"])
    fields = "id,message,full_picture,comments{message,comments{message,from}}"
    shown = graph.get_connections(page["page_id"], "feed", fields=fields)["data"]
    assert shown[0]["comments"]["data"][0]["comments"]["data"][0]["from"]["name"] == "Merendam"
    assert requests.get(shown[0]["full_picture"], timeout=5).status_code == 200
    assert control.facebook.messages("marleenk")[0]["id"] == asked["id"]
    assert control.facebook.write("marleenk", "nog iets")["serial"] > asked["serial"]
    assert control.facebook.story(gone["id"])["deleted"] is True
    second.stop()


def test_a_flood_is_quick(place: Place) -> None:
    """A thousand comments under one post, read back in ten pages, within a second or so."""
    post = place.fb.post("marleen", "druk hier")["id"]
    place.fb.write_many([{"as": "kees", "under": post, "text": f"nr {n}"} for n in range(1000)])
    began, after, seen = time.monotonic(), "", 0
    while True:
        found = place.graph.get_connections(post, "comments", fields="id,message", limit=100, after=after)
        seen += len(found["data"])
        if "next" not in found["paging"]:
            break
        after = found["paging"]["cursors"]["after"]
    assert seen == 1000
    assert time.monotonic() - began < 10

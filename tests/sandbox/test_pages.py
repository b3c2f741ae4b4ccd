"""The town without a script: what the forms do, what they refuse, and that pages are strict."""

from __future__ import annotations

import re

import pytest
import requests

from sandbox import paper
from tests.sandbox.conftest import Town


def page(town: Town, path: str = "/timeline") -> str:
    answer = requests.get(town.url + path, timeout=5)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=|(?:src|href)=\"(?:https?:)?//", answer.text)
    return answer.text


def submit(town: Town, path: str, **form: str) -> requests.Response:
    return requests.post(town.url + path, data=form, timeout=5, allow_redirects=False)


def test_post_reply_edit_delete(town: Town) -> None:
    answer = submit(town, "/post", **{"as": "anouk", "naming": "MerendamHelpt", "text": "it is <b>dark</b>"})
    (post,) = town.control.posts()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/timeline?as=anouk#p{post['id']}")
    assert post["said"] == "@MerendamHelpt it is <b>dark</b>"
    shown = page(town)
    assert "it is &lt;b&gt;dark&lt;/b&gt;" in shown
    assert "No answer from @MerendamHelpt yet" in shown
    submit(town, "/reply", **{"as": "bram", "to": post["id"], "text": "here too"})
    assert town.control.replies_to(post["id"])[0]["username"] == "bram"
    town.x.create_tweet(text="Thanks.", in_reply_to_tweet_id=post["id"])
    shown = page(town)
    assert "Heard in less than 1 s" in shown
    assert "No answer from" not in shown
    submit(town, "/edit", id=post["id"], text="@MerendamHelpt it is very dark")
    assert "· edited" in page(town)
    submit(town, "/delete", id=post["id"])
    shown = page(town)
    assert "This post was deleted by its author." in shown
    assert "very dark" not in shown


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/post", {"as": "anouk", "text": "x" * 281}, "A post holds 280 characters"),
        ("/post", {"as": "anouk", "text": "  "}, "Say something first."),
        ("/post", {"as": "nobody", "text": "hi"}, "There is no user"),
        ("/post", {"as": "MerendamHelpt", "text": "hi"}, "the desk answers from the desk"),
        ("/reply", {"as": "anouk", "to": "12", "text": "hi"}, "There is no post 12"),
        ("/reply", {"as": "anouk", "to": "", "text": "hi"}, "names no post"),
        ("/delete", {"id": "7"}, "There is no post 7"),
    ],
)
def test_what_is_wrong_is_said(town: Town, path: str, form: dict[str, str], words: str) -> None:
    answer = submit(town, path, **form)
    assert answer.status_code == 400
    assert words in answer.text
    assert town.control.posts() == []


def test_nobody_deletes_what_the_desk_wrote(town: Town) -> None:
    own = town.x.create_tweet(text="Line 4 runs again.")
    for path in ("/delete", "/edit"):
        assert "the desk&#39;s" in submit(town, path, id=str(own.data["id"]), text="x").text
    assert town.control.get_post(own.data["id"])["deleted"] is False


def test_who_is_not_connected_is_said_before_and_after_one_writes(town: Town) -> None:
    town.control.create_account("MerendamBieb")
    town.control.revoke("MerendamBieb")
    submit(town, "/post", **{"as": "anouk", "naming": "MerendamBieb", "text": "my book is late"})
    shown = page(town)
    assert "naming @MerendamBieb, not connected" in shown
    assert "@MerendamBieb is not connected: nobody at the desk hears this." in shown
    assert "naming @MerendamHelpt<" in shown
    assert "@MerendamBieb is not connected" in page(town, "/")


def test_another_origin_may_not_post(town: Town) -> None:
    form = {"as": "anouk", "text": "forged"}
    for headers in ({"Origin": "null"}, {"Origin": "http://127.0.0.1:9"}, {"Sec-Fetch-Site": "cross-site"}):
        assert requests.post(f"{town.url}/post", data=form, headers=headers, timeout=5).status_code == 403
    assert town.control.posts() == []


def test_start_page_and_files(town: Town) -> None:
    shown = page(town, "/")
    assert "Write as Anouk" in shown
    assert "Open the desk" not in shown
    linked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', shown + page(town)))
    assert linked
    for path in linked:
        assert requests.get(town.url + path, timeout=5).status_code == 200
    assert requests.get(f"{town.url}/static/..%2fpages.py", timeout=5).status_code == 404


def test_every_class_in_the_templates_has_a_rule() -> None:
    static, templates = paper.HERE / "static", paper.HERE / "templates"
    css = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.css"))
    html = "".join(path.read_text(encoding="utf-8") for path in templates.glob("*.html"))
    used = {name for value in re.findall(r'class="([^"{]+)', html) for name in value.split()}
    assert used - set(re.findall(r"\.([a-z][\w-]*)", css)) <= {"list", "cost"}

"""The Page and the inbox without a script: what the forms do, what they refuse, what stands where."""

from __future__ import annotations

import re

import pytest
import requests

from sandbox.client import Sandbox
from sandbox.server import start
from tests.sandbox.conftest import Place

OUTSIDE = "outside the desk"


def page(place: Place, path: str) -> str:
    answer = requests.get(place.url + path, timeout=5)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=|(?:src|href)=\"(?:https?:)?//", answer.text)
    return answer.text


def submit(place: Place, path: str, who: str = "", **form: str) -> requests.Response:
    given = {"as": who, "page": "merendam", **form}
    return requests.post(place.url + path, data=given, timeout=5, allow_redirects=False)


def order(shown: str, *words: str) -> list[int]:
    """Where each stands in the page; all must be there."""
    places = [shown.find(word) for word in words]
    assert -1 not in places, words[places.index(-1)]
    return places


def test_post_comment_edit_delete(place: Place) -> None:
    answer = submit(place, "/page/post", "marleen", text="Boom <b>om</b>")
    (post,) = place.fb.stories()
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/page?page=merendam&as=marleen#p{post['id']}",
    )
    assert post["by"] == "marleen"
    shown = page(place, "/page")
    assert "Boom &lt;b&gt;om&lt;/b&gt;" in shown
    assert "No answer from Merendam yet" in shown
    submit(place, "/page/comment", "kees", to=post["id"], text="Hier ook een")
    submit(place, "/page/comment", "marleen", to=post["id"], text="Nog steeds")
    kees = place.fb.stories(by="kees")[0]
    place.graph.put_object(kees["id"], "comments", message="Dank Kees, we komen.")
    shown = page(place, "/page")
    places = order(shown, "Boom &lt;b&gt;", "Hier ook een", "Dank Kees, we komen.", "Nog steeds")
    assert places == sorted(places)  # the answer stands under the one it answers
    assert "to Kees Bos" in shown
    assert "Heard in less than 1 s" in shown
    submit(place, "/page/edit", id=kees["id"], text="Hier ook, bij de bakker")
    assert place.fb.story(kees["id"])["text"] == "Hier ook, bij de bakker"
    assert "· edited" in page(place, "/page")
    submit(place, "/page/delete", id=kees["id"])
    shown = page(place, "/page")
    assert "bij de bakker" not in shown
    assert "Dank Kees" not in shown
    assert "Nog steeds" in shown


def test_photos_stickers_and_a_colleague_outside_the_desk(place: Place) -> None:
    submit(place, "/page/post", "marleen", media="photo")
    (post,) = place.fb.stories()
    assert (post["text"], post["media"]) == ("", "photo")
    picture = re.search(r'src="(/picture/[^"]+)"', page(place, "/page"))
    assert picture
    assert requests.get(place.url + picture[1], timeout=5).headers["Content-Type"] == "image/png"
    assert place.control.log(path="/picture") == []  # the town looks at it, not the network's client
    submit(place, "/page/comment", "kees", to=post["id"], media="sticker")
    submit(place, "/page/comment", OUTSIDE, to=post["id"], text="Anja van de balie hier")
    colleague = place.fb.stories(by="merendam")[0]
    assert (colleague["outside"], colleague["parent_id"]) == (True, post["id"])
    shown = page(place, "/page")
    assert "outside the desk</p>" in shown
    assert "A sticker" in shown
    place.graph.request(f"v26.0/{place.fb.stories(by='kees')[0]['id']}", post_args={"is_hidden": True})
    assert "Hidden by the Page" in page(place, "/page")


@pytest.mark.parametrize(
    ("path", "who", "form", "words"),
    [
        ("/page/post", "marleen", {"text": "x" * 8001}, "This holds 8000 characters; you wrote 8001."),
        ("/page/post", "marleen", {"text": "  "}, "Say something first"),
        ("/page/post", "nobody", {"text": "hi"}, "There is nobody"),
        ("/page/post", "marleen", {"text": "hi", "page": "elsewhere"}, "There is no Page"),
        ("/page/post", "marleen", {"text": "hi", "media": "film"}, "media is photo, sticker"),
        ("/page/comment", "marleen", {"text": "hi", "to": "1_2"}, "There is no post or comment 1_2"),
        ("/page/delete", "marleen", {"id": "7"}, "There is no post or comment 7"),
        ("/inbox/write", "marleen", {"text": "x" * 2001}, "This holds 2000 characters; you wrote 2001."),
        ("/inbox/write", "marleen", {"text": ""}, "Say something first"),
        ("/inbox/answer", "marleen", {"text": "hi"}, "can’t begin"),
        ("/inbox/edit", "marleen", {"id": "m_1", "text": "hi"}, "There is no message m_1"),
    ],
)
def test_what_is_wrong_is_said(place: Place, path: str, who: str, form: dict[str, str], words: str) -> None:
    answer = submit(place, path, who, **form)
    assert answer.status_code == 400
    assert words in answer.text.replace("&#39;", "'")
    assert (place.fb.stories(), place.fb.messages("marleen")) == ([], [])


def test_nobody_edits_what_the_page_wrote(place: Place) -> None:
    own = place.graph.put_object(place.page_id, "feed", message="De ijsbaan is open.")["id"]
    for path in ("/page/edit", "/page/delete"):
        assert "the Page’s" in submit(place, path, "marleen", id=own, text="x").text
    assert place.fb.story(own)["text"] == "De ijsbaan is open."


def test_a_conversation_in_the_inbox(place: Place) -> None:
    submit(place, "/inbox/write", "marleen", text="Container niet geleegd")
    (asked,) = place.fb.messages("marleen")
    place.graph.put_object(
        "me", "messages", recipient={"id": asked["psid"]}, message={"text": "Dank, we kijken."},
    )  # fmt: skip
    submit(place, "/inbox/answer", "marleen", text="Anja hier, morgen komt de wagen")
    submit(place, "/inbox/write", "marleen", media="sticker")
    shown = page(place, "/inbox?as=marleen")
    places = order(shown, "Container niet geleegd", "Dank, we kijken.", "Anja hier", "A sticker")
    assert places == sorted(places)
    assert "by a colleague in the Page’s inbox, outside the desk" in shown
    assert "The desk may write until" in shown
    submit(place, "/inbox/edit", "marleen", id=asked["id"], text="Groene container niet geleegd")
    assert place.fb.messages("marleen")[0]["edits"] == 1
    submit(place, "/inbox/unsend", "marleen", id=asked["id"])
    assert "container niet geleegd" not in page(place, "/inbox?as=marleen").lower().split("placeholder")[0]
    other = submit(place, "/inbox/unsend", "kees", id=place.fb.messages("marleen")[-1]["id"])
    assert "one’s own messages only" in other.text
    place.fb.age(25 * 3600, person="marleen")
    assert "Closed for automatic messages since" in page(place, "/inbox?as=marleen")
    place.fb.age(8 * 24 * 3600, person="marleen")
    assert "nobody at the desk may write" in page(place, "/inbox?as=marleen")


def test_blocking_the_page(place: Place) -> None:
    psid = place.fb.write("kees", "laat mij met rust")["psid"]
    submit(place, "/inbox/block", "kees", blocked="yes")
    shown = page(place, "/inbox?as=kees")
    assert "Unblock the Page" in shown
    assert "Send as Kees" not in shown
    assert "has blocked the Page" in submit(place, "/inbox/write", "kees", text="toch").text
    assert "has blocked the Page" in submit(place, "/inbox/answer", "kees", text="hallo?").text
    assert "has blocked the Page" in submit(place, "/page/post", "kees", text="hier dan").text
    with pytest.raises(Exception, match="551"):
        place.graph.put_object("me", "messages", recipient={"id": psid}, message={"text": "hi"})
    submit(place, "/inbox/block", "kees", blocked="no")
    assert submit(place, "/inbox/write", "kees", text="toch").status_code == 303


def test_a_private_reply_names_what_it_answers(place: Place) -> None:
    post = place.fb.post("kees", "Mijn pas doet het niet")["id"]
    place.graph.put_object("me", "messages", recipient={"post_id": post}, message={"text": "Je nummer?"})
    assert "In answer to “Mijn pas doet het niet”" in page(place, "/inbox?as=kees")
    assert "answered this in Messenger" in page(place, "/page")


def test_what_the_network_saw(place: Place) -> None:
    place.graph.get_connections(place.page_id, "feed")
    place.fb.play("190/460")
    with pytest.raises(Exception, match="validating access token"):
        place.graph.get_object("me")
    shown = page(place, "/page")
    assert "GET /v26.0/merendam/feed" in shown
    assert "refused with 400" in shown
    assert "/v26.0/" not in page(place, "/timeline")


def test_a_forged_form_and_an_empty_town(place: Place) -> None:
    forged = requests.post(
        f"{place.url}/page/post", data={"as": "kees", "text": "x"}, headers={"Origin": "null"}, timeout=5
    )
    assert forged.status_code == 403
    place.control.reset()
    assert "There is no Page yet." in page(place, "/page")
    assert "nobody in town yet" in page(place, "/inbox")


def test_the_start_page_of_the_demos_town() -> None:
    running = start(seed=True)
    shown = requests.get(running.base_url, timeout=5).text
    for words in (
        "@MerendamHelpt",
        "@MerendamTrams",
        "Open the Page",
        "Open Messenger",
        "/inbox?as=anoukdewit",
    ):
        assert words in shown
    control = Sandbox(running.base_url)
    assert [one["by"] for one in control.facebook.stories()] == ["gemeentemerendam"]
    for path in ("/page?as=keesbos", "/inbox?as=keesbos"):
        assert "Kees Bos" in requests.get(running.base_url + path, timeout=5).text
    running.stop()

"""The Page as the real client sees it: feed with nested comments, answers under the right parent, refusals."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.sandbox.conftest import Graph, GraphRefusal, Place

NESTED = (
    "id,message,from,created_time,permalink_url,"
    "comments.limit(50){id,message,from,created_time,parent{id},can_reply_privately,"
    "comments{id,message,from,parent{id,message}}}"
)


def refused(call: object, *args: object, **kwargs: object) -> tuple[int | None, int | None]:
    """(code, subcode) with which a call is refused."""
    assert callable(call)
    with pytest.raises(GraphRefusal) as found:
        call(*args, **kwargs)
    return found.value.code, found.value.subcode


def test_page_feed_and_nested_comments(place: Place) -> None:
    assert place.graph.get_object(place.page_id, fields="id,name") == {
        "id": place.page_id,
        "name": "Merendam",
    }
    assert place.graph.get_object("me") == {"id": place.page_id, "name": "Merendam"}
    post = place.fb.post("marleen", "Omgevallen boom op het fietspad bij de Singel")
    top = place.fb.comment("kees", post["id"], "Hier ook")
    answer = place.graph.put_object(top["id"], "comments", message="Dank, we gaan kijken.")
    (shown,) = place.graph.get_connections(place.page_id, "feed", fields=NESTED)["data"]
    assert shown["id"] == post["id"] == f"{place.page_id}_{post['serial']}"
    assert shown["from"] == {"name": "Marleen Kuipers", "id": post["author_id"]}
    assert shown["created_time"].endswith("+0000")
    (comment,) = shown["comments"]["data"]
    assert comment["id"] == top["id"] == f"{post['serial']}_{top['serial']}"
    assert "parent" not in comment
    assert comment["can_reply_privately"] is True
    (nested,) = comment["comments"]["data"]
    assert nested["id"] == answer["id"]
    assert nested["from"]["id"] == place.page_id
    assert nested["parent"] == {"id": top["id"], "message": "Hier ook"}
    assert place.fb.story(answer["id"])["parent_id"] == top["id"]


def test_every_version_is_taken_and_the_proof_is_checked(place: Place) -> None:
    for version in ("v2.8", "v24.0", "v26.0", "v31.4"):
        place.graph.version = version
        assert place.graph.get_object("me", fields="name")["name"] == "Merendam"
        assert place.graph.answer.headers["facebook-api-version"] == version
    token, secret = place.page["page_token"], place.page["app_secret"]
    proof = place.graph.proof
    good = {"access_token": token, "appsecret_proof": proof}
    assert requests.get(f"{place.url}/v26.0/me", params=good, timeout=5).status_code == 200
    for given, code, words in (
        ({}, 104, "An access token is required"),
        ({"access_token": "nonsense", "appsecret_proof": proof}, 190, "Invalid OAuth access token"),
        ({"access_token": token}, 100, "require an appsecret_proof"),
        ({**good, "appsecret_proof": proof[:-1] + "g"}, 100, "Invalid appsecret_proof"),
    ):
        error = requests.get(f"{place.url}/v26.0/me", params=given, timeout=5).json()["error"]
        assert (error["code"], words in error["message"]) == (code, True)
        assert error["fbtrace_id"]
    place.control.settings(facebook={"require_proof": False})
    assert requests.get(f"{place.url}/v26.0/me", params={"access_token": token}, timeout=5).ok
    place.fb.rotate_secret(place.page["app_id"])
    assert refused(place.graph.get_object, "me") == (100, None)
    place.graph = Graph(place.url, token, secret)
    place.fb.kill_token("merendam", 460)
    assert refused(place.graph.get_object, "me") == (190, 460)
    assert place.control.log()[-1]["auth"] == {"ok": False, "why": "190/460"}


def test_one_page_may_not_touch_another(place: Place) -> None:
    other = place.fb.create_page("trams", "Trams of Merendam")
    post = place.fb.post("kees", "where is line 4?", page="trams")
    assert refused(place.graph.get_object, other["page_id"]) == (100, 33)
    assert refused(place.graph.get_object, post["id"]) == (100, 33)
    assert refused(place.graph.put_object, post["id"], "comments", message="hi") == (100, 33)
    assert place.fb.story(post["id"])["replies"] == []


def test_paging_by_cursor_and_by_time(place: Place) -> None:
    made = [place.fb.post("kees", f"number {n}")["id"] for n in range(7)]
    seen: list[str] = []
    after = ""
    for _ in range(4):
        found = place.graph.get_connections(place.page_id, "feed", fields="id", limit=3, after=after)
        seen += [one["id"] for one in found["data"]]
        after = found["paging"]["cursors"]["after"]
        if "next" not in found["paging"]:
            break
        following = urlsplit(found["paging"]["next"])
        assert (following.netloc, following.path) == ("graph.facebook.com", f"/v26.0/{place.page_id}/feed")
        assert dict(parse_qsl(following.query)) == {"fields": "id", "limit": "3", "after": after}
        place.fb.delete(seen[-1])  # what a cursor stands on may go
    assert seen == made[::-1]
    assert place.graph.get_connections(place.page_id, "feed", until=1)["data"] == []
    place.fb.age(3600, ids=made)
    place.fb.comment("marleen", made[0], "nu pas")
    times = {"fields": "created_time,updated_time"}
    touched = place.graph.get_object(made[0], **times)
    assert touched["updated_time"] > touched["created_time"]  # a comment counts as news of the post
    quiet = place.graph.get_object(made[2], **times)
    assert quiet["updated_time"] == quiet["created_time"]
    since = int(time.time()) - 60
    assert place.graph.get_connections(place.page_id, "feed", since=since)["data"] == []
    assert len(place.graph.get_connections(made[0], "comments", since=since)["data"]) == 1
    assert refused(place.graph.get_connections, place.page_id, "feed", after="!!") == (100, None)


def test_a_nested_list_says_where_it_goes_on(place: Place) -> None:
    post = place.fb.post("marleen", "druk hier")["id"]
    made = [place.fb.comment("kees", post, f"nr {n}")["id"] for n in range(3)]
    asked = "comments.filter(stream).order(reverse_chronological).limit(2){id,message}"
    (shown,) = place.graph.get_connections(place.page_id, "feed", fields=asked)["data"]
    nested = shown["comments"]
    assert [one["id"] for one in nested["data"]] == made[:0:-1]
    following = urlsplit(nested["paging"]["next"])
    assert following.path == f"/v26.0/{post}/comments"
    rest = place.graph.get_connections(post, "comments", **dict(parse_qsl(following.query)))
    assert ([one["id"] for one in rest["data"]], "next" in rest["paging"]) == (made[:1], False)


def test_comments_as_a_stream_and_in_both_orders(place: Place) -> None:
    post = place.graph.put_object(place.page_id, "feed", message="De ijsbaan is open.")["id"]
    first = place.fb.comment("kees", post, "mooi")["id"]
    under = place.fb.comment("marleen", first, "vind ik ook")["id"]
    deep = place.fb.comment("kees", under, "zie je")["id"]
    second = place.fb.comment("marleen", post, "duur")["id"]

    def ids(target: str, **given: str) -> list[str]:
        found = place.graph.get_connections(target, "comments", fields="id,parent{id}", **given)
        return [one["id"] for one in found["data"]]

    assert ids(post) == [first, second]
    assert ids(post, order="reverse_chronological") == [second, first]
    assert ids(post, filter="stream") == [first, under, deep, second]
    assert ids(first, filter="stream") == [under, deep]
    assert place.graph.get_object(deep, fields="parent{id}")["parent"] == {"id": under}
    place.control.settings(facebook={"max_depth": 2})
    flat = place.fb.comment("marleen", deep, "nou")
    assert flat["parent_id"] == first
    several = place.graph.get_objects([first, deep], fields="message")
    assert {one["message"] for one in several.values()} == {"mooi", "zie je"}
    place.fb.delete(first)  # what stands under it goes too
    assert ids(post, filter="stream") == [second]
    assert refused(place.graph.get_objects, [second, deep]) == (100, 33)


def test_what_a_page_may_write(place: Place) -> None:
    post = place.fb.post("marleen", "Lift stadhuis doet het niet")["id"]
    other = place.fb.comment("kees", post, "Al een week")["id"]
    say = place.graph.put_object
    first = say(post, "comments", message="é" * 8000)["id"]
    assert refused(say, post, "comments", message="x" * 8001) == (100, None)
    assert refused(say, post, "comments", message="  ") == (100, None)
    assert refused(say, post, "comments", message="é" * 8000) == (506, None)
    assert say(other, "comments", message="é" * 8000)["id"] != first  # not under the same parent
    assert refused(say, "1_2", "comments", message="hi") == (100, 33)
    place.fb.delete(other)
    assert refused(say, other, "comments", message="hi") == (100, 33)
    place.graph.delete_object(first)
    assert refused(place.graph.get_object, first) == (100, 33)
    assert say(post, "comments", message="é" * 8000)["id"]  # the first one is gone


def test_hide_edit_delete(place: Place) -> None:
    post = place.fb.post("marleen", "schelden")["id"]
    graph = place.graph
    assert graph.request(f"{graph.version}/{post}", post_args={"is_hidden": True}) == {"success": True}
    assert graph.get_object(post, fields="is_hidden")["is_hidden"] is True
    own = graph.put_object(post, "comments", message="Graag netjes.")["id"]
    graph.request(f"{graph.version}/{own}", post_args={"message": "Graag netjes, alstublieft."})
    assert place.fb.story(own)["text"] == "Graag netjes, alstublieft."
    assert refused(graph.request, f"{graph.version}/{post}", post_args={"message": "x"}) == (200, None)
    assert refused(graph.request, f"{graph.version}/{own}", post_args={"is_hidden": True}) == (100, None)
    assert refused(graph.request, f"{graph.version}/{own}", post_args={}) == (100, None)
    graph.delete_object(post)
    assert place.fb.stories() == []


def test_a_missing_permission_hides_names_and_refuses(place: Place) -> None:
    post = place.fb.post("marleen", "Straatlamp kapot")["id"]
    granted = list(place.control.state()["settings"]["facebook"]["permissions"])
    place.control.settings(facebook={"permissions": [p for p in granted if p != "pages_read_user_content"]})
    own = place.graph.put_object(post, "comments", message="Dank.")["id"]
    assert "from" not in place.graph.get_object(post, fields="id,from,message")
    assert place.graph.get_object(own, fields="from")["from"]["id"] == place.page_id
    place.control.settings(facebook={"permissions": []})
    assert refused(place.graph.put_object, post, "comments", message="hi") == (200, None)
    assert refused(place.graph.get_connections, place.page_id, "feed") == (10, None)
    assert refused(place.graph.get_connections, place.page_id, "conversations") == (10, None)


def test_photos_stickers_and_names_in_a_text(place: Place) -> None:
    post = place.fb.post("marleen", "", media="photo")
    shown = place.graph.get_object(post["id"], fields="id,message,attachments,full_picture")
    assert "message" not in shown
    picture = requests.get(shown["full_picture"], timeout=5)
    assert (picture.headers["Content-Type"], picture.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    sticker = place.fb.comment("kees", post["id"], media="sticker")
    found = place.graph.get_object(sticker["id"], fields="message,attachment")
    assert (found["message"], found["attachment"]["type"]) == ("", "sticker")
    assert place.fb.expire_pictures() == 2
    assert requests.get(shown["full_picture"], timeout=5).status_code == 404
    named = place.fb.comment("kees", post["id"], "hé @Merendam, zie je dit?")["id"]
    found = place.graph.get_object(named, fields="message,message_tags")
    assert found["message"] == "hé Merendam, zie je dit?"  # the bare name, as the network's composer makes it
    (tag,) = found["message_tags"]
    assert (tag["id"], tag["type"], tag["offset"], tag["length"]) == (place.page_id, "page", 3, 8)
    two = place.fb.comment("kees", post["id"], "@Marleen Kuipers @Merendam x@Merendam @Merendammer")
    assert two["text"] == "Marleen Kuipers Merendam x@Merendam @Merendammer"
    assert [(one["type"], one["offset"]) for one in two["tags"]] == [("user", 0), ("page", 16)]
    answer = place.graph.put_object(named, "comments", message="@Kees Bos dank")["id"]
    assert (place.fb.story(answer)["text"], place.fb.story(answer)["tags"]) == ("@Kees Bos dank", [])


@pytest.mark.parametrize(
    "fields", ["id,colour", "id{", "comments{id", "comments.limit(3", "id,,message", "{id}", "comments{nope}"]
)
def test_fields_that_make_no_sense(place: Place, fields: str) -> None:
    post = place.fb.post("marleen", "hallo")["id"]
    place.fb.comment("kees", post, "dag")
    assert refused(place.graph.get_object, post, fields=fields) == (100, None)


def test_unknown_paths_and_foreign_methods(place: Place) -> None:
    graph = place.graph
    assert refused(graph.request, f"{graph.version}/me/albums") == (2500, None)
    assert refused(graph.request, f"{graph.version}/me/feed/7/8") == (2500, None)
    assert refused(graph.request, f"{graph.version}/123/comments") == (100, 33)
    assert place.control.log(path="/albums")[-1]["status"] == 400

"""Messenger as the real client sees it: conversations, the two windows, private replies, who may not be written to."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import GraphRefusal, Json, Place

DAY = 24 * 3600
WITH_MESSAGES = "id,updated_time,messages{id,message,from,to,created_time,attachments,sticker}"


def say(place: Place, recipient: Json, text: str, **more: str) -> Json:
    """To a PSID or in answer to a comment; `more`: messaging_type, tag."""
    given = {"messaging_type": "RESPONSE", **more}
    sent: Json = place.graph.put_object(
        "me", "messages", recipient=recipient, message={"text": text}, **given
    )
    return sent


def refused(place: Place, recipient: Json, text: str = "hi", **more: str) -> tuple[int | None, int | None]:
    with pytest.raises(GraphRefusal) as found:
        say(place, recipient, text, **more)
    return found.value.code, found.value.subcode


def test_a_conversation_in_and_out(place: Place) -> None:
    asked = place.fb.write("marleen", "Mijn container is niet geleegd")
    psid = asked["psid"]
    assert psid != place.fb.story(place.fb.post("marleen", "hallo")["id"])["author_id"]
    sent = say(place, {"id": psid}, "Dank, we zoeken het uit.")
    assert sent == {"recipient_id": psid, "message_id": place.fb.messages("marleen")[-1]["id"]}
    (talk,) = place.graph.get_connections(
        place.page_id, "conversations", platform="messenger", fields=WITH_MESSAGES
    )["data"]
    answer, question = talk["messages"]["data"]
    assert (answer["id"], answer["from"]["id"], answer["to"]["data"][0]["id"]) == (
        sent["message_id"],
        place.page_id,
        psid,
    )
    assert (question["message"], question["from"]["name"]) == (
        "Mijn container is niet geleegd",
        "Marleen Kuipers",
    )
    assert place.graph.get_object(psid, fields="first_name,last_name")["first_name"] == "Marleen"
    assert place.graph.get_object(sent["message_id"], fields="message")["message"].startswith("Dank")
    assert place.graph.get_connections(talk["id"], "messages", fields="id", limit=1)["data"] == [
        {"id": answer["id"]}
    ]
    found = place.graph.get_connections(place.page_id, "conversations", user_id="1")
    assert found["data"] == []


def test_the_window_of_24_hours_and_the_human_one(place: Place) -> None:
    psid = place.fb.write("marleen", "hallo?")["psid"]
    place.fb.age(DAY - 60, person="marleen")
    say(place, {"id": psid}, "net op tijd")
    place.fb.age(120, person="marleen")
    assert refused(place, {"id": psid}) == (10, 2018278)
    assert refused(place, {"id": psid}, messaging_type="UPDATE") == (10, 2018278)
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    say(place, {"id": psid}, "van een mens", **human)
    assert refused(place, {"id": psid}) == (10, 2018278)  # one's own message opens nothing
    place.fb.age(6 * DAY, person="marleen")
    assert refused(place, {"id": psid}, **human) == (10, 2018278)
    place.fb.write("marleen", "nog steeds niets")
    say(place, {"id": psid}, "nu weer wel")
    assert refused(place, {"id": psid}, messaging_type="MESSAGE_TAG", tag="POST_PURCHASE_UPDATE") == (
        100,
        None,
    )
    assert refused(place, {"id": psid}, messaging_type="SHOUT") == (100, None)
    granted = place.control.state()["settings"]["facebook"]["permissions"]
    place.control.settings(facebook={"permissions": [one for one in granted if one != "human_agent"]})
    assert refused(place, {"id": psid}, **human) == (10, None)


def test_lengths_and_recipients(place: Place) -> None:
    psid = place.fb.write("kees", "goedemorgen")["psid"]
    say(place, {"id": psid}, "x" * 2000)
    assert refused(place, {"id": psid}, "x" * 2001) == (100, None)
    assert refused(place, {"id": psid}, "") == (100, None)
    assert refused(place, {}) == (100, None)
    assert refused(place, {"id": "42"}) == (100, 2018001)
    commenter = place.fb.post("kees", "hallo")["author_id"]
    assert refused(place, {"id": commenter}) == (100, 2018001)  # a comment's author is no PSID
    other = place.fb.create_page("trams", "Trams")
    elsewhere = place.fb.write("kees", "en hier?", page="trams")["psid"]
    assert elsewhere != psid
    assert refused(place, {"id": elsewhere}) == (100, 2018001)
    with pytest.raises(GraphRefusal):
        place.graph.put_object(other["page_id"], "messages", recipient={"id": psid}, message={"text": "hi"})
    sent = place.graph.put_object(place.page_id, "messages", recipient={"id": psid}, message={"text": "hi"})
    assert sent["recipient_id"] == psid


def test_somebody_who_blocked_the_page(place: Place) -> None:
    psid = place.fb.write("kees", "laat maar")["psid"]
    place.fb.block("kees")
    assert refused(place, {"id": psid}) == (551, 1545041)
    post = place.fb.post("marleen", "hallo")["id"]
    with pytest.raises(Exception, match="has blocked the Page"):
        place.fb.comment("kees", post, "ik ook")
    place.fb.block("kees", blocked=False)
    say(place, {"id": psid}, "toch nog")


def test_a_private_reply(place: Place) -> None:
    post = place.graph.put_object(place.page_id, "feed", message="De ijsbaan is open.")["id"]
    asked = place.fb.comment("marleen", post, "mijn kaartje werkt niet")
    about = {"comment_id": asked["id"]}
    sent = say(place, about, "Stuur ons je nummer?")
    assert place.fb.messages("marleen")[0]["private_reply_to"] == asked["id"]
    assert refused(place, about) == (10900, None)
    assert place.graph.get_object(asked["id"], fields="can_reply_privately")["can_reply_privately"] is False
    assert refused(place, {"id": sent["recipient_id"]}) == (10, 2018278)  # it opens no window
    place.fb.write("marleen", "123")
    say(place, {"id": sent["recipient_id"]}, "Dank.")
    wall = place.fb.post("kees", "en mijn kaartje?")
    assert say(place, {"post_id": wall["id"]}, "Ook jij?")["message_id"]
    old = place.fb.comment("kees", post, "oud")
    place.fb.age(7 * DAY + 60, ids=[old["id"]])
    assert refused(place, {"comment_id": old["id"]}) == (10901, None)
    own = place.graph.put_object(old["id"], "comments", message="Sorry")["id"]
    assert refused(place, {"comment_id": own}) == (10903, None)
    assert refused(place, {"comment_id": "1_1"}) == (100, 33)
    gone = place.fb.comment("kees", post, "weg")
    place.fb.delete(gone["id"])
    assert refused(place, {"comment_id": gone["id"]}) == (100, 33)


def test_only_the_latest_messages_can_be_read(place: Place) -> None:
    made = place.fb.write_many_messages([{"as": "kees", "text": f"regel {n}"} for n in range(23)])
    (talk,) = place.graph.get_connections(place.page_id, "conversations", fields=WITH_MESSAGES)["data"]
    assert [("message" in one) for one in talk["messages"]["data"]] == [True] * 20 + [False] * 3
    assert place.graph.get_object(made[-1]["id"], fields="message")["message"] == "regel 22"
    with pytest.raises(GraphRefusal) as found:
        place.graph.get_object(made[0]["id"], fields="message")
    assert (found.value.code, found.value.subcode) == (100, 33)


def test_edit_unsend_and_media(place: Place) -> None:
    asked = place.fb.write("kees", "kan ik langskomen")
    place.fb.edit_message(asked["id"], "kan ik morgen langskomen")
    photo, sticker = place.fb.write("kees", media="photo"), place.fb.write("kees", media="sticker")
    shown = place.graph.get_object(photo["id"], fields="message,attachments")
    assert shown["message"] == ""
    assert shown["attachments"]["data"][0]["image_data"]["url"].startswith(place.url)
    assert "sticker" in place.graph.get_object(sticker["id"], fields="sticker,attachments")
    assert place.graph.get_object(asked["id"], fields="message")["message"] == "kan ik morgen langskomen"
    place.fb.unsend(asked["id"])
    assert [one["media"] for one in place.fb.messages("kees")] == ["photo", "sticker"]
    with pytest.raises(GraphRefusal):
        place.graph.get_object(asked["id"])
    late = place.fb.write("kees", "te laat")
    place.fb.age(16 * 60, ids=[late["id"]])
    with pytest.raises(Exception, match="15 minutes"):
        place.fb.edit_message(late["id"], "x")

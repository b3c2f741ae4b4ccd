"""Signing in at the networks: as strict as the real pages. A desk that pleases a lax stand-in fails at the real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.conftest import Place, Town

BACK = "http://127.0.0.1:9/back/?keep=1"
VERIFIER = "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def x_query(town: Town, **other: str) -> dict[str, str]:
    town.control.register_callback(town.desk["app_id"], BACK)
    return {
        "response_type": "code",
        "client_id": town.desk["client_id"],
        "redirect_uri": BACK,
        "scope": "tweet.read tweet.write users.read offline.access",
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **other,
    }


def press(base: str, path: str, form: Any) -> dict[str, list[str]]:
    answer = requests.post(base + path, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(BACK)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def allowed(town: Town, **other: str) -> str:
    form = {**x_query(town, **other), "press": "allow", "user": town.desk["user_id"]}
    query = press(town.url, "/i/oauth2/authorize", form)
    assert query["state"] == ["s1"]
    return query["code"][0]


def x_token(town: Town, **form: str) -> requests.Response:
    client = (town.desk["client_id"], town.desk["client_secret"])
    return requests.post(f"{town.url}/2/oauth2/token", data=form, auth=client, timeout=5)


def by_code(town: Town, code: str, **other: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return x_token(town, **{**form, **other})


class TestX:
    def test_a_code_becomes_a_token_once(self, town: Town) -> None:
        code = allowed(town)
        told = by_code(town, code).json()
        assert (told["expires_in"], told["scope"]) == (
            7200,
            "tweet.read tweet.write users.read offline.access",
        )
        me = requests.get(
            f"{town.url}/2/users/me", headers={"Authorization": f"Bearer {told['access_token']}"}, timeout=5
        )
        assert me.json()["data"]["username"] == "MerendamHelpt"
        assert by_code(town, code).status_code == 400

    @pytest.mark.parametrize(
        "other", [{"code_verifier": "w" * 60}, {"redirect_uri": "http://127.0.0.1:9/back/"}]
    )
    def test_with_another_verifier_or_address_it_is_none(self, town: Town, other: dict[str, str]) -> None:
        code = allowed(town)
        assert by_code(town, code, **other).json()["error"] == "invalid_request"
        assert by_code(town, code).status_code == 400, "what failed once is used up"

    @pytest.mark.parametrize(
        "other",
        [
            {"redirect_uri": BACK + "x"},
            {"client_id": "nobody"},
            {"state": ""},
            {"code_challenge": "short"},
            {"scope": "everything"},
            {"response_type": "token"},
        ],
    )
    def test_a_wrong_question_sends_nobody_anywhere(self, town: Town, other: dict[str, str]) -> None:
        query = {**x_query(town), **other}
        for answer in (
            requests.get(f"{town.url}/i/oauth2/authorize", params=query, timeout=5),
            requests.post(f"{town.url}/i/oauth2/authorize", data={**query, "press": "allow"}, timeout=5),
        ):
            assert answer.status_code == 400
            assert "Something went wrong" in answer.text

    def test_the_page_lets_its_form_lead_back_and_nowhere_else(self, town: Town) -> None:
        page = requests.get(f"{town.url}/i/oauth2/authorize", params=x_query(town), timeout=5)
        assert "form-action 'self' http://127.0.0.1:9" in page.headers["Content-Security-Policy"]
        assert "Post and delete posts" in page.text

    def test_cancel(self, town: Town) -> None:
        query = press(town.url, "/i/oauth2/authorize", {**x_query(town), "press": "cancel"})
        assert (query["error"], query["state"]) == (["access_denied"], ["s1"])

    def test_a_token_ends_and_is_renewed_while_it_may_stay(self, town: Town) -> None:
        town.control.settings(token_seconds=0.0)
        told = by_code(town, allowed(town)).json()
        dead = {"Authorization": f"Bearer {told['access_token']}"}
        assert requests.get(f"{town.url}/2/users/me", headers=dead, timeout=5).status_code == 401
        town.control.settings(token_seconds=7200.0)
        form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
        fresh = {"Authorization": f"Bearer {x_token(town, **form).json()['access_token']}"}
        assert requests.get(f"{town.url}/2/users/me", headers=fresh, timeout=5).status_code == 200

    def test_scopes_hold(self, town: Town) -> None:
        told = by_code(town, allowed(town, scope="tweet.read users.read")).json()
        assert "refresh_token" not in told
        bearer = {"Authorization": f"Bearer {told['access_token']}"}
        refused = requests.post(f"{town.url}/2/tweets", json={"text": "hi"}, headers=bearer, timeout=5)
        assert refused.status_code == 403

    def test_taken_back(self, town: Town) -> None:
        told = by_code(town, allowed(town)).json()
        client = (town.desk["client_id"], town.desk["client_secret"])
        for _ in range(2):
            done = requests.post(
                f"{town.url}/2/oauth2/revoke", data={"token": told["refresh_token"]}, auth=client, timeout=5
            )
            assert done.status_code == 200
        bearer = {"Authorization": f"Bearer {told['access_token']}"}
        assert requests.get(f"{town.url}/2/users/me", headers=bearer, timeout=5).status_code == 401


ALL = (
    "pages_show_list,pages_read_engagement,pages_read_user_content,"
    "pages_manage_metadata,pages_manage_engagement,pages_messaging"
)
DIALOG = "/v26.0/dialog/oauth"


def fb_query(place: Place, **other: str) -> dict[str, str]:
    place.fb.register_callback(place.page["app_id"], BACK)
    return {"client_id": place.page["app_id"], "redirect_uri": BACK, "state": "s1", "scope": ALL, **other}


def fb_token(place: Place, without: str = "") -> str:
    """A long-lived token of a colleague who left `without` out."""
    scopes = [one for one in ALL.split(",") if one != without]
    form = {**fb_query(place), "press": "allow", "page": [place.page_id], "allow": scopes}
    code = press(place.url, DIALOG, form)["code"][0]
    app = {"client_id": place.page["app_id"], "client_secret": place.page["app_secret"]}
    address = f"{place.url}/v26.0/oauth/access_token"
    first = requests.post(address, data={**app, "redirect_uri": BACK, "code": code}, timeout=5).json()
    again = requests.post(address, data={**app, "redirect_uri": BACK, "code": code}, timeout=5)
    assert again.status_code == 400
    exchange = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": first["access_token"]}
    told = requests.get(address, params=exchange, timeout=5).json()
    assert told["expires_in"] > 5_000_000
    return str(told["access_token"])


def asked(place: Place, path: str, token: str, **args: str) -> requests.Response:
    proof = hmac.new(place.page["app_secret"].encode(), token.encode(), hashlib.sha256).hexdigest()
    args |= {} if "|" in token else {"appsecret_proof": proof}
    bearer = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{place.url}/v26.0/{path}", params=args, headers=bearer, timeout=5)


class TestFacebook:
    def test_from_the_dialog_to_the_pages_token(self, place: Place) -> None:
        person = fb_token(place)
        (page,) = asked(place, "me/accounts", person, fields="id,name,access_token").json()["data"]
        assert (page["id"], set(page)) == (place.page_id, {"id", "name", "access_token"})
        assert asked(place, f"{place.page_id}/feed", page["access_token"]).status_code == 200
        own = f"{place.page['app_id']}|{place.page['app_secret']}"
        told = asked(place, "debug_token", own, input_token=page["access_token"]).json()["data"]
        assert (told["is_valid"], told["type"], told["expires_at"]) == (True, "PAGE", 0)
        assert set(told["scopes"]) == set(ALL.split(","))

    def test_a_permission_left_out_is_refused_afterwards(self, place: Place) -> None:
        person = fb_token(place, without="pages_messaging")
        (page,) = asked(place, "me/accounts", person).json()["data"]
        assert asked(place, f"{place.page_id}/feed", page["access_token"]).status_code == 200
        refused = asked(place, f"{place.page_id}/conversations", page["access_token"])
        assert refused.json()["error"]["code"] == 10
        own = f"{place.page['app_id']}|{place.page['app_secret']}"
        told = asked(place, "debug_token", own, input_token=page["access_token"]).json()["data"]
        assert "pages_messaging" not in told["scopes"]

    def test_cancel(self, place: Place) -> None:
        query = press(place.url, DIALOG, {**fb_query(place), "press": "cancel"})
        assert (query["error"], query["error_reason"]) == (["access_denied"], ["user_denied"])

    @pytest.mark.parametrize(
        "other", [{"redirect_uri": BACK + "/"}, {"scope": "manage_everything"}, {"state": ""}]
    )
    def test_a_wrong_question_sends_nobody_anywhere(self, place: Place, other: dict[str, str]) -> None:
        query = {**fb_query(place), **other}
        page = requests.get(place.url + DIALOG, params=query, timeout=5)
        assert page.status_code == 400
        assert not re.search(r"<form", page.text)

    def test_a_wrong_secret(self, place: Place) -> None:
        form = {**fb_query(place), "press": "allow", "page": [place.page_id], "allow": ALL.split(",")}
        code = press(place.url, DIALOG, form)["code"][0]
        wrong = {"client_id": place.page["app_id"], "client_secret": "no", "redirect_uri": BACK, "code": code}
        answer = requests.post(f"{place.url}/v26.0/oauth/access_token", data=wrong, timeout=5)
        assert answer.json()["error"]["message"] == "Error validating client secret."

    def test_taken_back_by_the_person(self, place: Place) -> None:
        person = fb_token(place)
        (page,) = asked(place, "me/accounts", person).json()["data"]
        proof = hmac.new(place.page["app_secret"].encode(), person.encode(), hashlib.sha256).hexdigest()
        requests.delete(
            f"{place.url}/v26.0/me/permissions",
            params={"appsecret_proof": proof},
            headers={"Authorization": f"Bearer {person}"},
            timeout=5,
        ).raise_for_status()
        assert asked(place, "me", page["access_token"]).json()["error"]["error_subcode"] == 458

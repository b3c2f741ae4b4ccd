"""What a browser would send of a page's form, nothing touched."""

from __future__ import annotations

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, list[str]]] = []
        self._in_form = False
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value")
        if tag == "form":
            self.forms.append({})
            self._in_form = True
        elif not self._in_form or "disabled" in given:
            return
        elif (
            tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self._put(name, "on" if value is None and given.get("type") == "checkbox" else value or "")
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select is not None:
            self._select[1].append((value or "", "selected" in given))
        elif tag == "textarea":
            self._area = (name, [])

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "select" and self._select is not None:
            name, options = self._select
            if options:
                self._put(name, next((value for value, chosen in options if chosen), options[0][0]))
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._put(self._area[0], "".join(self._area[1]))
            self._area = None

    def _put(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)


def largest_form(page: str) -> dict[str, list[str]]:
    """The fields of the form of the draft with the most of them; `page` is HTML as it was sent."""
    reader = _Forms()
    reader.feed(page)
    found = max((form for form in reader.forms if "version" in form), key=len)
    return {name: values for name, values in found.items() if name != "csrfmiddlewaretoken"}

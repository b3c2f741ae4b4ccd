// Saved replies: the field finds, arrows move, Enter puts the chosen one in, as a click does. The placeholders are filled in by the
// server; one that nothing is known for is selected, to be written by hand. Without this script each is a button that loads the page.
"use strict";

(() => {
  const picker = document.querySelector("details[data-picker]");
  if (!picker) return;
  const form = picker.closest("form");
  const words = form.querySelector("textarea[name=text]");
  const find = picker.querySelector("[data-find]");
  const list = picker.querySelector("[data-list]");
  const PAUSE = 150;
  let timer = 0;
  let asked = 0;

  const all = () => [...list.querySelectorAll("li:has(button)")];
  const current = () => list.querySelector("li[aria-current]");
  const choose = (item) => {
    if (!item) return;
    current()?.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    find.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    picker.open = false;
    words.focus();
  };

  const putIn = (button) => {
    const text = button.dataset.text;
    const begun = words.value.trimEnd();
    words.value = begun ? `${begun}\n${text}` : text;
    form.elements.saved.value = button.value;
    close();
    const gap = /\{(name|reference|date|sign_off)\}/.exec(words.value);
    const end = words.value.length;
    words.setSelectionRange(gap ? gap.index : end, gap ? gap.index + gap[0].length : end);
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const look = async () => {
    const mine = ++asked;
    const to = new FormData(form).get("to") ?? "";
    try {
      const answer = await fetch(`${form.dataset.saved}?${new URLSearchParams({ q: find.value, to })}`);
      if (!answer.ok || answer.redirected || mine !== asked) return;
      list.innerHTML = await answer.text();
      choose(all()[0]);
    } catch {
      // out of reach: those that stand there can still be taken
    }
  };

  find.hidden = false;
  picker.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();   // opened here and now: the next key may follow at once
    if (picker.open) return void close();
    picker.open = true;
    choose(all()[0]);
    find.focus({ preventScroll: true });
    picker.scrollIntoView({ block: "nearest" });
  });
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  find.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const items = all();
      choose(items[Math.min(Math.max(items.indexOf(current()) + step, 0), items.length - 1)]);
    } else if (event.key === "Enter") {
      const button = current()?.querySelector("button");
      if (button) putIn(button);
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    putIn(button);
  });
  form.addEventListener("change", (event) => { if (event.target.name === "to") look(); });
})();

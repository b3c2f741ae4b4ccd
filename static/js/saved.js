// Saved replies: the field finds, Enter puts the first one in, arrows go to the others, each a button. The placeholders are filled in by
// the server; one that nothing is known for is selected, to be written by hand. Without this script each button loads the page.
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
  let looking = false;   // what stands there is not yet what was asked for
  let taken = false;     // Enter was pressed meanwhile

  const buttons = () => [...list.querySelectorAll("button")];
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

  const first = () => {
    taken = looking;
    const button = looking ? null : buttons()[0];
    if (button) putIn(button);
  };

  const look = async () => {
    const mine = ++asked;
    const to = new FormData(form).get("to") ?? "";
    try {
      const answer = await fetch(`${form.dataset.saved}?${new URLSearchParams({ q: find.value, to })}`);
      const found = await answer.text();
      if (answer.ok && !answer.redirected && mine === asked) list.innerHTML = found;
    } catch {
      // out of reach: those that stand there can still be taken
    }
    if (mine !== asked) return;
    looking = false;
    if (taken) first();
  };

  find.hidden = false;
  picker.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();   // opened here and now: the next key may follow at once
    if (picker.open) return void close();
    picker.open = true;
    find.focus({ preventScroll: true });
    picker.scrollIntoView({ block: "nearest" });
  });
  find.addEventListener("input", () => {
    clearTimeout(timer);
    looking = true;
    taken = false;
    timer = setTimeout(look, PAUSE);
  });
  picker.addEventListener("keydown", (event) => {
    if (!picker.open) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const stops = [find, ...buttons()];
      stops[Math.min(Math.max(stops.indexOf(document.activeElement) + step, 0), stops.length - 1)].focus();
    } else if (event.key === "Enter" && event.target === find) {
      first();
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

// A text in every tongue: what is wrong with it and how it reads, asked from the server while one types; placeholders put in where
// the cursor was. The buttons of a column are one stop for the tab key, arrows go between them. Without this script the form has a
// button that checks, and placeholders are typed.
"use strict";

(() => {
  const form = document.querySelector("form[data-ahead]");
  if (!form) return;
  const PAUSE = 350;
  let timer = 0;
  let asked = 0;

  for (const button of form.querySelectorAll("[data-no-script]")) button.hidden = true;

  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.ahead, { method: "POST", body: new FormData(form) });
      const page = await answer.text();
      if (!answer.ok || answer.redirected || mine !== asked) return;
      const found = new DOMParser().parseFromString(page, "text/html");
      for (const part of found.querySelectorAll("[data-shown]")) {
        const place = form.querySelector(`[data-shown="${part.dataset.shown}"]`);
        if (place && place.innerHTML.trim() !== part.innerHTML.trim()) place.innerHTML = part.innerHTML;
      }
    } catch {
      // out of reach: what is shown is of before; saving checks again
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "reason") return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });

  for (const column of form.querySelectorAll("[data-column]")) {
    const toolbar = column.querySelector("[data-toolbar]");
    if (!toolbar) continue;
    const buttons = [...toolbar.querySelectorAll("[data-put]")];
    if (!buttons.length) continue;
    const fields = [...column.querySelectorAll("textarea, input")];
    let field = fields.find((one) => one.tagName === "TEXTAREA") ?? fields[0];
    toolbar.hidden = false;
    const stop = (chosen) => buttons.forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
    stop(buttons[0]);
    column.addEventListener("focusin", (event) => {
      if (fields.includes(event.target)) field = event.target;
      if (buttons.includes(event.target)) stop(event.target);
    });
    toolbar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const at = buttons.indexOf(document.activeElement);
      const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (step ? (at + step + buttons.length) % buttons.length : -1);
      if (at < 0 || to < 0) return;
      event.preventDefault();
      event.stopPropagation();
      buttons[to].focus();
    });
    toolbar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-put]");
      if (!button) return;
      field.focus();
      field.setRangeText(button.dataset.put, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
})();

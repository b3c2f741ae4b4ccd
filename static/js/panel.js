// The form below the promise: shows at once what the caller will read, and what follows. The server words it.
// Without this script a button of the form asks for the same.
"use strict";

(() => {
  const form = document.querySelector("form[data-panel]");
  if (!form) return;
  const PAUSE = 250;
  let timer = 0;
  let asked = 0;

  for (const button of form.querySelectorAll(".no-script")) button.hidden = true;
  form.scrollIntoView({ block: "nearest" });

  // A hold that goes further takes the date with it: what is shown is what will be sent.
  const take = ({ value, day, hour }) => {
    const days = form.elements.day;
    if (![...days.options].some((option) => option.value === value)) days.add(new Option(day, value));
    days.value = value;
    if (document.activeElement !== form.elements.hour) form.elements.hour.value = hour;
  };

  const show = (answer) => {
    const text = form.querySelector("[data-preview-text]");
    if (text) text.textContent = answer.text;
    const whole = form.querySelector("[data-preview-whole]");   // where nothing may be said, nothing is shown
    if (whole) whole.hidden = !answer.text;
    const say = form.querySelector("[data-say]");
    if (say) say.textContent = answer.say || "—";
    const outcome = form.querySelector("[data-outcome]");
    if (outcome) outcome.textContent = answer.outcome || "";
    const words = form.querySelector("[data-preview-words]");
    if (words) {
      words.textContent = answer.words || "";
      words.classList.toggle("over", Boolean(answer.over));
    }
    const date = form.querySelector("[data-date]");
    if (date && answer.date) {
      date.dateTime = answer.date.iso;
      const hour = document.createElement("b");
      hour.textContent = answer.date.hour;
      date.replaceChildren(`${answer.date.day} `, hour);
      form.querySelector("[data-proposed]").hidden = !answer.date.proposed;
      take(answer.date);
    }
  };

  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
      });
      if (answer.ok && !answer.redirected && mine === asked) show(await answer.json());
    } catch {
      // out of reach: what stands there was true of what was chosen before; sending it says what is wrong
    }
  };

  if (form.dataset.preview) {
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.main"));
    }
  });
  form.addEventListener("submit", () => form.querySelector("button.main")?.setAttribute("aria-busy", "true"));
})();

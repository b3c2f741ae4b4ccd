// Everything that was written, and how it looked, opens below the message. Without this script it has a page of its own.
"use strict";

(() => {
  const talk = document.querySelector(".talk");
  talk?.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-whole]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const say = link.closest(".say");
    const kind = link.dataset.whole;
    const open = say.querySelector(`.whole[data-kind="${kind}"]`);
    if (open) {
      open.remove();
      link.setAttribute("aria-expanded", "false");
      return;
    }
    try {
      const answer = await fetch(link.href, { headers: { "X-Part": kind } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const whole = document.createElement("div");
      whole.className = "whole";
      whole.dataset.kind = kind;
      whole.innerHTML = await answer.text();
      if (kind === "words") say.querySelector(":scope > .body").after(whole);   // it takes their place
      else say.querySelector("footer").before(whole);
      link.setAttribute("aria-expanded", "true");
    } catch {
      location.href = link.href;
    }
  });
})();

// The composer: keeps a draft in this tab until it was sent, counts as the network counts (the server knows how), sends on Ctrl Enter.
// Without this script the form works; it then shows the count of what was sent last.
"use strict";

(() => {
  const form = document.querySelector("form.composer[data-measure]");
  if (!form) return;
  const words = form.querySelector("textarea");
  const said = form.querySelector("[data-words]");
  const used = form.querySelector("[data-ring] .used");
  const ring = form.querySelector("[data-ring]");
  const place = `draft:${form.dataset.draft}`;
  const PAUSE = 250;
  let timer = 0;
  let asked = 0;

  const show = (measure) => {
    said.textContent = measure.words;
    ring.classList.toggle("over", measure.over);
    used.setAttribute("stroke-dasharray", `${measure.share} 100`);
  };

  const measure = async () => {
    const mine = ++asked;
    const body = new FormData(form);
    try {
      const answer = await fetch(form.dataset.measure, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected && mine === asked) show(await answer.json());
    } catch {
      if (mine === asked) said.textContent = "";   // out of reach: better no figure than an old one
    }
  };

  // The draft keeps the key of its form: an answer that was sent, and whose page never came back, is not sent again.
  const key = form.querySelector('input[name="client_key"]');
  const keep = () => {
    if (words.value) sessionStorage.setItem(place, JSON.stringify({ text: words.value, key: key.value }));
    else sessionStorage.removeItem(place);
  };

  const draft = JSON.parse(sessionStorage.getItem(place) || "null");
  const address = new URL(location.href);
  const answered = address.searchParams.get("answered");
  if (answered) {
    if (draft && draft.key === answered) sessionStorage.removeItem(place);
    address.searchParams.delete("answered");
    history.replaceState(null, "", address);
  } else if (draft && !words.value) {
    words.value = draft.text;
    key.value = draft.key;
  }
  words.addEventListener("input", () => {
    keep();
    clearTimeout(timer);
    timer = setTimeout(measure, PAUSE);
  });
  for (const mode of form.querySelectorAll('input[name="then"]')) mode.addEventListener("change", measure);
  // The line about where it stands goes into the answer without leaving the page.
  document.querySelector("[data-use]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const line = document.querySelector("[data-line]").textContent;
    words.value = words.value ? `${words.value.trimEnd()}\n${line}` : line;
    words.focus();
    words.dispatchEvent(new Event("input"));
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", () => {
    form.querySelector("button.main").setAttribute("aria-busy", "true");
  });
  if (words.value) measure();
})();

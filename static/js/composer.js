// The composer: counts as the network counts and shows what it would show (the server knows how), sends on Ctrl Enter. What came while one
// wrote, and stands below the words, is chosen about before anything goes.
// Without this script the form works; it then shows the count of what was sent last, and a button shows the preview.
"use strict";

(() => {
  const form = document.querySelector("form.composer[data-measure]");
  if (!form) return;
  const words = form.querySelector("textarea[name=text]");
  const said = form.querySelector("[data-words]");
  const ring = form.querySelector("[data-ring]");
  const ahead = form.querySelector("[data-ahead]");
  const PAUSE = 250;
  const TYPES = 4_000;   // a caller who is there hears so often at most that somebody types to them
  let toldAt = -TYPES;
  let timer = 0;
  let asked = 0;

  for (const button of form.querySelectorAll("[data-no-script]")) button.hidden = true;

  const ask = (address, headers) => fetch(address, { method: "POST", body: new FormData(form), headers });

  const show = (measure) => {
    said.textContent = measure.words;
    ring.classList.toggle("over", measure.over);
    ring.querySelector(".used").setAttribute("stroke-dasharray", `${measure.share} 100`);
    const added = form.querySelector(`[data-added="${form.elements.then.value}"]`);
    if (added) added.textContent = measure.added;
  };

  const measure = async () => {
    if (!ring) return;
    const mine = ++asked;
    try {
      const answer = await ask(form.dataset.measure, { Accept: "application/json" });
      if (answer.ok && !answer.redirected && mine === asked) show(await answer.json());
      if (!ahead?.open) return;
      const part = await ask(form.dataset.preview, { "X-Part": "preview" });
      if (part.ok && !part.redirected && mine === asked) ahead.querySelector("[data-parts]").innerHTML = await part.text();
    } catch {
      if (mine === asked) said.textContent = "";   // out of reach: better no figure than an old one
    }
  };

  const typing = () => {
    if (!form.dataset.typing || form.elements.then.value === "note" || !words.value.trim()) return;
    if (performance.now() - toldAt < TYPES) return;
    toldAt = performance.now();
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    fetch(form.dataset.typing, { method: "POST", body }).catch(() => {});   // nothing hangs on it
  };

  words.addEventListener("input", (event) => {
    if (event.isTrusted) typing();
    clearTimeout(timer);
    timer = setTimeout(measure, PAUSE);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "then") words.focus();
    if (event.target.name === "then" || event.target.name === "to") measure();
  });
  ahead?.addEventListener("toggle", () => { if (ahead.open) measure(); });
  // The line about where it stands goes into the answer without leaving the page.
  document.querySelector("[data-use]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const line = document.querySelector("[data-line]").textContent;
    words.value = words.value ? `${words.value.trimEnd()}\n${line}` : line;
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    const anyway = form.querySelector("[data-meanwhile] button");
    const sends = !event.submitter?.hasAttribute("formaction") && form.elements.then.value !== "note";
    if (anyway && sends && event.submitter !== anyway) {
      event.preventDefault();
      event.stopImmediatePropagation();   // nothing leaves
      anyway.closest(".notice").scrollIntoView({ block: "nearest" });
      anyway.focus({ preventScroll: true });
      return;
    }
    (event.submitter ?? form.querySelector("button.main")).setAttribute("aria-busy", "true");
  });
  if (location.hash === "#words" || new URL(location.href).searchParams.has("draft")) {   // one came to go on writing
    words.focus({ preventScroll: true });
    words.setSelectionRange(words.value.length, words.value.length);
    const place = words.getBoundingClientRect();
    if (place.top < 0 || place.bottom > window.innerHeight) words.scrollIntoView({ block: "center" });
  }
  if (words.value) measure();
})();

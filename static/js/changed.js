// A ticket's page: says when it shows no longer what is so, and shows that when asked, around what is being typed. Without this script
// the page is as it was when it was asked for.
"use strict";

(() => {
  const bar = document.querySelector(".ticket > [data-changes]");
  if (!bar) return;
  const EVERY = 15_000;
  const LONGEST = 120_000;
  const PARTS = [".ticket-head", ".promise-bar", ".read", ".aside"];   // all but what one writes in
  const link = bar.querySelector("a");
  const says = document.querySelector(".ticket > [data-says]");
  let wait = EVERY;
  let timer = 0;

  const ask = async () => {
    const { version, since } = bar.dataset;
    try {
      const answer = await fetch(`${bar.dataset.changes}?${new URLSearchParams({ version, since })}`, {
        headers: { Accept: "application/json" }, cache: "no-store",
      });
      wait = EVERY;
      if (answer.status === 403 || answer.status === 404 || answer.redirected) wait = 0;   // signed out, or with another team
      else if (!answer.ok) wait = LONGEST;
      else if (version === bar.dataset.version) {   // nobody pressed meanwhile
        const { changed, words } = await answer.json();
        bar.hidden = !changed;
        link.textContent = words;
        if (says.textContent !== words) says.textContent = words;
      }
    } catch {
      wait = Math.min(wait * 2, LONGEST);   // out of reach: what stands here was true, and is asked about again
    }
  };

  const writing = () => document.querySelector("form[data-panel]") !== null
    || [...document.querySelectorAll(".ticket textarea")].some((field) => field.value.trim() !== "");

  const show = async () => {
    const answer = await fetch(link.href, { cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const pairs = PARTS.map((part) => [document.querySelector(part), page.querySelector(part)]);
    // Whoever has seen the caller's newest words answers those; where the talk stays as it was, they were not seen.
    const [seen, newest] = [document, page].map((each) => each.querySelector("form.composer input[name=seen]"));
    for (const [old, now] of pairs) {
      if (!old || !now || old.contains(document.activeElement)) continue;
      old.replaceWith(document.adoptNode(now));
      if (old.matches(".read") && seen && newest) seen.value = newest.value;
    }
    Object.assign(bar.dataset, { ...page.querySelector(".ticket > [data-changes]").dataset });
    bar.hidden = true;
    says.textContent = "";
  };

  link.addEventListener("click", async (event) => {
    if (!writing()) return;   // nothing to keep: the whole page, as the link says
    event.preventDefault();
    try {
      await show();
    } catch {
      location.assign(link.href);   // drafts.js keeps the words
    }
  });

  const next = () => {
    clearTimeout(timer);
    if (wait > 0 && !document.hidden) timer = setTimeout(async () => { await ask(); next(); }, wait);
  };
  const look = async () => {
    if (document.hidden || wait === 0) return;
    await ask();
    next();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("desk:look", look);
  next();
})();

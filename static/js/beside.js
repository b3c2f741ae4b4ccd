// A ticket's page, of somebody who talks with several callers at once: the line of the others is put in anew when one of them writes, and
// who comes meanwhile is heard. Where nobody can be there live there is no such line. A conversation with somebody who is there begins at
// its newest words. Without this script the line is as it was when the page was asked for.
"use strict";

(() => {
  const ticket = document.querySelector("article.ticket[data-reference]");
  const line = () => ticket?.querySelector("[data-live-others]");
  if (!line()) return;
  const EVERY = 30_000;
  const GAP = 1500;
  const NEW_GAP = 3000;   // for what the line does not show: everybody's page is told of it at once
  const NEW = 3;          // a ticket of a later version is not one that has just come

  // All that is told of comes to whoever says that the page shows something; a ticket's page is told of that ticket alone.
  if (document.querySelector("[data-came]")) window.desk?.live?.show([ticket.dataset.reference]);

  const look = async () => {
    try {
      const answer = await fetch(line().dataset.liveOthers, { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
      if (answer.redirected || answer.status === 403 || answer.status === 404) return true;   // signed out, or with another team
      if (!answer.ok) return false;
      const made = document.createElement("template");
      made.innerHTML = await answer.text();
      const [old, now] = [line(), made.content.querySelector("[data-live-others]")];
      if (!old.isEqualNode(now) && !old.matches(":hover, :focus-within")) old.replaceWith(now);
    } catch {
      // out of reach: what stands there was true
    }
    return false;
  };
  const soon = window.desk.turns(look, { every: EVERY, gap: GAP });
  window.addEventListener("desk:changed", ({ detail }) => {
    const others = detail.filter(([reference]) => reference !== ticket.dataset.reference);
    const shown = new Set([...line().querySelectorAll("a")].map((each) => each.dataset.row));
    if (others.some(([reference]) => shown.has(reference))) soon();
    else if (others.some(([, version]) => version <= NEW)) soon(NEW_GAP);
  });

  if (!("liveTalk" in ticket.dataset) || location.hash || document.querySelector("form[data-panel], .notice:not([hidden])")) return;
  const newest = ticket.querySelector(".talk")?.lastElementChild;
  if (newest && newest.getBoundingClientRect().bottom > innerHeight) newest.scrollIntoView({ block: "end" });
})();

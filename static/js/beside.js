// A ticket's page, of somebody who talks with several callers at once: the line of the others is put in anew when one of them writes, and
// who comes meanwhile is heard. A conversation with somebody who is there begins at its newest words. Without this script the line is as
// it was when the page was asked for.
"use strict";

(() => {
  const ticket = document.querySelector("article.ticket[data-reference]");
  const line = () => ticket?.querySelector("[data-live-others]");
  if (!line()) return;
  const EVERY = 30_000;
  const GAP = 1500;
  let timer = 0;
  let looked = 0;
  let isLooking = false;
  let again = false;   // something was told while it looked

  // All that is told of comes to whoever says that the page shows something; a ticket's page is told of that ticket alone.
  if (document.querySelector("[data-came]")) window.desk?.live?.show([ticket.dataset.reference]);

  const look = async () => {
    looked = performance.now();
    try {
      const answer = await fetch(line().dataset.liveOthers, { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
      if (!answer.ok || answer.redirected) return;
      const made = document.createElement("template");
      made.innerHTML = await answer.text();
      const [old, now] = [line(), made.content.querySelector("[data-live-others]")];
      if (!old.hidden) now.hidden = false;   // nothing on the page moves
      if (!old.isEqualNode(now) && !old.matches(":hover, :focus-within")) old.replaceWith(now);
    } catch {
      // out of reach: what stands there was true
    }
  };
  const after = (delay) => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(turn, delay);
  };
  const soon = () => {
    if (isLooking) again = true;
    else after(Math.max(0, looked + GAP - performance.now()) + Math.random() * 300);
  };
  const turn = async () => {
    isLooking = true;
    again = false;
    await look();
    isLooking = false;
    if (again) soon();
    else after(EVERY);
  };
  window.addEventListener("desk:changed", ({ detail }) => {
    if (detail.some(([reference]) => reference !== ticket.dataset.reference)) soon();
  });
  document.addEventListener("visibilitychange", soon);
  if (!line().hidden) after(EVERY);

  if (!("liveTalk" in ticket.dataset) || location.hash || document.querySelector("form[data-panel], .notice:not([hidden])")) return;
  const newest = ticket.querySelector(".talk")?.lastElementChild;
  if (newest && newest.getBoundingClientRect().bottom > innerHeight) newest.scrollIntoView({ block: "end" });
})();

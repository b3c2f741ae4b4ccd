// Live: who is there, put in anew while the page is open: as soon as live.js hears of a change, and now and then, since how long somebody
// has waited changes by itself. Rows in their order, under their heading, change in place; another order waits for a press where the pointer
// or the focus is on them. Without this script the page is as it was when it was asked for.
"use strict";

(() => {
  const place = document.querySelector("[data-live-now]");
  if (!place) return;
  const EVERY = 15_000;
  const GAP = 1000;
  const NEW_GAP = 3000;   // for what is not shown here: everybody's page is told of it at once
  const fresh = document.querySelector("[data-new]");
  const says = document.querySelector("[data-says]");
  const reload = fresh.firstElementChild;
  let isPressed = false;
  let found = null;   // what is put in when it is asked for

  const rows = (of) => [...of.querySelectorAll("li.row")];
  const order = (of) => [...of.children].map((section) => [
    section.getAttribute("aria-labelledby"), ...rows(section).map((row) => row.querySelector("a.open").getAttribute("href")),
  ].join(" ")).join("\n");
  const shown = () => rows(place).map((row) => row.querySelector(".ref").textContent.replace("-", ""));
  const told = () => window.desk?.live?.show(shown());

  // Figures and people stand where they stood; what is written in the form is left alone.
  const around = (page) => {
    for (const part of ["[data-mine]", "[data-people]", "header.top time"]) {
      const [old, now] = [document.querySelector(part), page.querySelector(part)];
      if (old && now && !old.isEqualNode(now)) old.replaceWith(document.adoptNode(now));
    }
    for (const old of document.querySelectorAll(".rail li > a:not([data-bell]) .figure")) {
      const now = page.querySelector(`.rail a[href="${CSS.escape(old.closest("a").getAttribute("href"))}"] .figure`);
      if (now) old.textContent = now.textContent;
    }
  };
  const put = () => {
    const focused = document.activeElement?.closest("li.row")?.querySelector("a.open").getAttribute("href");
    place.replaceChildren(...[...found.childNodes].map((each) => document.adoptNode(each)));
    if (focused) place.querySelector(`a.open[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    found = null;
    fresh.hidden = true;
    told();
  };
  const inPlace = () => {
    for (const what of ["h2", "li.row"]) {
      const now = [...found.querySelectorAll(what)];
      place.querySelectorAll(what).forEach((old, at) => {
        if (!old.isEqualNode(now[at]) && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(now[at]));
      });
    }
  };

  const look = async () => {
    let page;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
      if (answer.redirected || answer.status === 403) return true;   // signed out
      if (!answer.ok) return false;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return false;   // out of reach: what stands here was true
    }
    found = page.querySelector("[data-live-now]");
    if (!found || isPressed) return false;
    around(page);
    if (order(found) === order(place)) {
      inPlace();
      fresh.hidden = true;
      return false;
    }
    says.textContent = says.dataset.changed;
    if (rows(place).length > 0 && place.matches(":hover, :focus-within")) fresh.hidden = false;
    else put();
    return false;
  };
  const soon = window.desk.turns(look, { every: EVERY, gap: GAP });

  reload.addEventListener("click", (event) => {
    if (!found) return;
    event.preventDefault();
    put();
    place.querySelector("a.open")?.focus();
  });
  window.addEventListener("desk:changed", ({ detail }) => {
    const here = new Set(shown());
    soon(detail.some(([reference]) => here.has(reference)) ? GAP : NEW_GAP);
  });
  window.addEventListener("desk:look", () => soon());
  window.addEventListener("pointerdown", () => { isPressed = true; }, { capture: true });
  for (const over of ["pointerup", "pointercancel"]) window.addEventListener(over, () => setTimeout(() => { isPressed = false; }), { capture: true });
  told();
})();

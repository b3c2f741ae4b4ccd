"use strict";
// Brings the feed up to date every two seconds. A thread in which somebody writes, or has a form open, is left alone.

(() => {
  const known = new Map();
  for (const item of document.querySelectorAll("[data-live] > li")) known.set(item.id, item.outerHTML);

  const busy = (item) => item.contains(document.activeElement) || item.querySelector("details[open]");

  const merge = (list, fresh) => {
    const wanted = [...fresh.children];
    const ids = new Set(wanted.map((item) => item.id));
    for (const item of [...list.children]) if (!ids.has(item.id) && !busy(item)) item.remove();
    let place = list.firstElementChild;
    for (const item of wanted) {
      const shown = list.querySelector(`:scope > [id="${item.id}"]`);
      if (shown && (busy(shown) || known.get(item.id) === item.outerHTML)) {
        if (shown === place) place = place.nextElementSibling;
        else if (!busy(shown)) list.insertBefore(shown, place);
        continue;
      }
      known.set(item.id, item.outerHTML);
      list.insertBefore(item, place);
      if (shown) {
        if (shown === place) place = place.nextElementSibling;
        shown.remove();
      }
    }
  };

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "X-Refresh": "1" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const list of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(list.id);
        if (fresh) merge(list, fresh);
      }
      for (const part of document.querySelectorAll("[data-text]")) {
        const fresh = page.getElementById(part.id);
        if (fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
      }
    } catch (error) {
      console.warn("The sandbox did not answer; trying again.", error);
    }
  };
  setInterval(refresh, 2000);
})();

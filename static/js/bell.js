// The bell. Its count follows what pages ask for anyway (a `desk:bell` event with the answer), or asks for itself where the desk
// rings (the same event without one). One tab of all announces in the browser: the one that holds the lock; what it has announced is
// remembered for the next one. What is told of a ticket is read by itself where somebody sits at its page. Without this script the
// bell is a link with the count as it was.
"use strict";

(() => {
  const bell = document.querySelector("a[data-read]");
  if (!bell) return;
  const says = document.querySelector("[data-bell-says]");
  const about = document.querySelector("article.ticket[data-about]")?.dataset.about.slice(0, 9);
  const asksAnyway = document.querySelector("#rows, [data-changes]") !== null;
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const KEPT = 40;
  const KEY = "desk-announced";
  const FRESH = 10 * 60;   // seconds: what is older is no news to anybody who sits down now
  const SITS = 60_000;     // so long after the last key, press, move or turn of the wheel somebody sits here
  let satAt = Date.now();  // whoever has opened the page does
  let looked = false;
  let count = Number.parseInt(bell.querySelector(".figure").textContent, 10) || 0;
  let mine = false;   // this tab announces
  let stale = false;

  const show = (answer) => {
    for (const each of document.querySelectorAll("[data-bell]")) {
      each.querySelector(".figure").textContent = answer.figure;
      each.classList.toggle("rings", answer.count > 0);
    }
    if (answer.count > count) says.textContent = answer.words;
    count = answer.count;
    announce(answer.newest);
    if (!about || !answer.newest.some((each) => each.to.includes(about))) return;
    looked = false;
    if (document.hasFocus()) seen();
  };

  /* ---------- In the browser ---------- */

  const announced = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };
  const announce = (newest) => {
    if (!mine || !("Notification" in window) || Notification.permission !== "granted") return;
    const before = announced();
    const fresh = newest.filter((each) => !before.includes(each.name) && Date.now() / 1000 - each.at < FRESH);
    if (fresh.length === 0) return;
    localStorage.setItem(KEY, JSON.stringify([...fresh.map((each) => each.name), ...before].slice(0, KEPT)));
    if (document.hasFocus()) return;   // whoever looks at the desk sees the bell
    for (const each of fresh.reverse()) {
      const shown = new Notification(each.words, { tag: each.name });
      shown.addEventListener("click", () => {
        window.focus();
        shown.close();
        read({ which: each.name }).finally(() => location.assign(each.to));
      });
    }
  };
  navigator.locks?.request("desk-bell", () => {
    mine = true;
    return new Promise(() => {});   // until this tab goes
  });

  /* ---------- Asking and reading ---------- */

  const answered = async (answer) => {
    if (answer.ok && !answer.redirected) show(await answer.json());
  };
  const ask = async () => {
    stale = false;
    try {
      await answered(await fetch(bell.dataset.bell, { headers: { Accept: "application/json" }, cache: "no-store" }));
    } catch {
      // out of reach: what stands there was true
    }
  };
  const read = async (what) => {
    try {
      const body = new URLSearchParams({ ...what, csrfmiddlewaretoken: token() });
      await answered(await fetch(bell.dataset.read, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true }));
    } catch {
      // unread it stays
    }
  };

  // What one looks at needs no bell any more. A page that was left open looks at nothing: what is read there wakes nobody.
  const sits = () => Date.now() - satAt < SITS;
  const seen = () => {
    if (!about || looked || count === 0 || document.hidden || !sits()) return;
    looked = true;
    read({ ticket: about });
  };
  const sat = (event) => {
    const moved = event.movementX || event.movementY;   // not where the page moved below a pointer that lies still
    if (!event.isTrusted || (event.type === "pointermove" && !moved)) return;
    satAt = Date.now();
    seen();
  };
  for (const type of ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"]) window.addEventListener(type, sat, { capture: true, passive: true });

  window.addEventListener("desk:bell", (event) => {
    if (event.detail) show(event.detail);
    else if (document.hidden && !mine) stale = true;   // one tab asks; the others when they are looked at
    else ask();
  });
  let gaps = 0;
  window.addEventListener("desk:look", () => {
    if (gaps++ > 0 && !asksAnyway) ask();   // the first is the page's own beginning
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    if (stale) ask();
    seen();
  });
  seen();

  /* ---------- May this browser announce? ---------- */

  const allow = document.querySelector("[data-bell-allow]");
  if (!allow || !("Notification" in window)) return;
  const stands = () => {
    for (const each of allow.querySelectorAll("[data-when]")) each.hidden = each.dataset.when !== Notification.permission;
    allow.hidden = false;
  };
  allow.querySelector("button").addEventListener("click", async () => {
    await Notification.requestPermission();
    stands();
  });
  stands();
})();

// A ticket's page: says when it shows no longer what is so, and shows that when asked, around what is being typed. While live.js hears what
// changes it is put in its place at once, but for what is pressed, chosen, pointed at or has the focus; what came while one writes is shown
// below the words, with the choice to send them all the same. Without this script the page is as it was when it was asked for.
"use strict";

(() => {
  const bar = document.querySelector(".ticket > [data-changes]");
  if (!bar) return;
  const EVERY = 15_000;
  const LONGEST = 120_000;
  const GAP = 700;       // between two looks, however much is told
  const SPREAD = 300;
  const PARTS = [".ticket-head", ".promise-bar", ".read", ".aside"];   // all but what one writes in
  const ticket = bar.closest(".ticket");
  const link = bar.querySelector("a");
  const says = ticket.querySelector(":scope > [data-says]");
  const composer = document.querySelector("form.composer");
  const came = composer?.querySelector("[data-meanwhile]");
  let pace = EVERY;
  let wait = EVERY;
  let timer = 0;
  let looked = 0;
  let isStale = false;   // something of what is so now could not be put in its place
  let isPressed = false;
  let isAsking = false;
  let again = false;     // something was told while it asked
  let below = null;      // what was put in where it cannot be seen

  const ask = async () => {
    const { version, since } = bar.dataset;
    try {
      const answer = await fetch(`${bar.dataset.changes}?${new URLSearchParams({ version, since })}`, {
        headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(LONGEST),
      });
      wait = pace;
      if (answer.status === 403 || answer.status === 404 || answer.redirected) wait = 0;   // signed out, or with another team
      else if (!answer.ok) wait = LONGEST;
      else if (version === bar.dataset.version) {   // nobody pressed meanwhile
        const { changed, words, bell } = await answer.json();
        window.dispatchEvent(new CustomEvent("desk:bell", { detail: bell }));
        if (changed && pace !== EVERY) return await renew(words);
        if (changed || !isStale) offer(changed ? words : "");
      }
    } catch {
      wait = Math.min(wait * 2, LONGEST);   // out of reach: what stands here was true, and is asked about again
    }
  };

  const offer = (words) => {
    bar.hidden = words === "";
    link.textContent = words;
    if (says.textContent !== words) says.textContent = words;
  };

  const writing = () => document.querySelector("form[data-panel]") !== null
    || [...document.querySelectorAll(".ticket textarea")].some((field) => field.value.trim() !== "");

  const seen = (of) => of.querySelector("form.composer input[name=seen]");
  const page = async () => {
    const address = new URL(link.href);
    if (seen(document)) address.searchParams.set("came", seen(document).value);
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(LONGEST) });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  const shows = (found) => Object.assign(bar.dataset, { ...found.querySelector(".ticket > [data-changes]").dataset });

  /* ---------- When asked: all of it ---------- */

  const show = async () => {
    const found = await page();
    const pairs = PARTS.map((part) => [document.querySelector(part), found.querySelector(part)]);
    // Whoever has seen the caller's newest words answers those; where the talk stays as it was, they were not seen.
    const [before, newest] = [seen(document), seen(found)];
    for (const [old, now] of pairs) {
      if (!old || !now || old.contains(document.activeElement)) continue;
      old.replaceWith(document.adoptNode(now));
      if (!old.matches(".read") || !before || !newest) continue;
      before.value = newest.value;
      came?.replaceChildren();
    }
    shows(found);
    isStale = false;
    offer("");
    window.dispatchEvent(new Event("desk:drawn"));
  };

  link.addEventListener("click", async (event) => {
    if (below) {
      event.preventDefault();
      below.scrollIntoView({ block: "center" });
      below = null;
      return void offer("");
    }
    if (!writing()) return;   // nothing to keep: the whole page, as the link says
    event.preventDefault();
    try {
      await show();
    } catch {
      location.assign(link.href);   // drafts.js keeps the words
    }
  });

  /* ---------- While the desk tells: what can be put in without moving anything ---------- */

  const isBusy = (part) => {
    const chosen = getSelection();
    return part.contains(document.activeElement) || (!chosen.isCollapsed && chosen.containsNode(part, true));
  };
  // Who is here was put in by here.js, folds were opened by hand.
  const keep = (old, now) => {
    const place = now.querySelector("[data-here]");
    if (place) place.replaceWith(old.querySelector("[data-here]").cloneNode(true));
    const [these, those] = [old, now].map((each) => [...each.querySelectorAll("details")]);
    if (these.length === those.length) those.forEach((each, at) => { each.open = these[at].open; });
  };
  // Forms that are made anew differ in their keys alone.
  const plain = (part) => {
    const copy = part.cloneNode(true);
    for (const each of copy.querySelectorAll("input[type=hidden]")) each.removeAttribute("value");
    return copy;
  };
  const alike = (old, now) => plain(old).isEqualNode(plain(now));
  const put = (old, now) => {
    if (!old && !now) return true;
    if (!old || !now) return false;
    keep(old, now);
    if (alike(old, now)) return true;
    if (isBusy(old) || old.matches(":hover")) return false;
    old.replaceWith(document.adoptNode(now));
    return true;
  };

  // The talk grows at its end; what became of a message changes in its place. What was put in at the end is given back.
  const talk = (old, now) => {
    const [these, those] = [[...old.children], [...now.children]];
    const grown = those.slice(these.length);
    isStale = these.length > those.length;
    these.slice(0, those.length).forEach((each, at) => { if (!put(each, those[at])) isStale = true; });
    old.append(...grown);
    return grown;
  };
  const around = (part) => [...part.children].filter((each) => !each.matches(".talk, [data-undo]"));

  // What can be done on the page, by its forms and their choices.
  const choices = (of) => [...of.querySelectorAll(".write form")].map((form) => [
    form.getAttribute("action"),
    ...[...form.querySelectorAll("input[type=radio], select")].map((field) => `${field.name}=${field.length ?? field.value}:${field.disabled}`),
  ].join(" ")).join("\n");

  const tells = (grown) => grown.filter((each) => each.matches(".say")).map((each) => {
    const [name, body] = [each.querySelector("header b"), each.querySelector(".body")];
    return `${name?.textContent ?? ""}: ${body?.textContent.slice(0, 200) ?? ""}`;
  }).join(" ");

  const renew = async (words) => {
    looked = performance.now();
    const found = await page();
    if (isPressed) return void later();
    const [read, newRead] = [document, found].map((each) => each.querySelector(".read"));
    const last = read.querySelector(".talk").lastElementChild;
    const wasInView = !last || last.getBoundingClientRect().bottom <= innerHeight;
    const grown = talk(read.querySelector(".talk"), newRead.querySelector(".talk"));
    const [these, those] = [around(read), around(newRead)];
    if (these.length !== those.length || these.some((each, at) => !alike(each, those[at]))) isStale = true;
    if (choices(document) !== choices(found)) isStale = true;
    for (const part of [".ticket-head", ".promise-bar", ".aside"]) {
      if (!put(document.querySelector(part), found.querySelector(part))) isStale = true;
    }
    const [ready, readyNow] = [document, found].map((each) => each.querySelector(".write > .ready"));
    if (ready && readyNow) put(ready, readyNow);   // the date in it is another, maybe
    if (composer && !composer.elements.text.value.trim() && !composer.matches(":hover")) {   // what the desk would add
      const adds = (of) => [...of.querySelectorAll("form.composer [data-added]")];
      const addsNow = new Map(adds(found).map((each) => [each.dataset.added, each.textContent]));
      for (const each of adds(document)) each.textContent = addsNow.get(each.dataset.added) ?? each.textContent;
      if (!found.querySelector(".composer .go > .meta")) composer.querySelector(".go > .meta")?.remove();
    }
    const undo = read.querySelector("[data-undo]");
    if (undo && !undo.querySelector("button") && !found.querySelector("[data-undo]") && !read.matches(":hover")) undo.remove();
    if (composer && seen(found)) {
      const notice = composer.elements.text.value.trim() ? found.querySelector("[data-meanwhile]") : null;
      if (notice?.childElementCount > 0) came.replaceChildren(...notice.children);
      else if (!writing()) {   // it stood there before a word was written
        seen(document).value = seen(found).value;
        came.replaceChildren();
      }
    }
    shows(found);
    const newest = grown.at(-1);
    if (newest && wasInView && !read.matches(":hover")) newest.scrollIntoView({ block: "nearest" });
    below = newest && !isStale && newest.getBoundingClientRect().top > innerHeight ? newest : null;
    offer(isStale || below ? words || link.dataset.changed : "");
    if (!isStale && !below) says.textContent = tells(grown);
  };

  const after = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(turn, delay);
  };
  const later = () => {
    if (isAsking) again = true;
    else after(Math.max(0, looked + GAP - performance.now()) + Math.random() * SPREAD);
  };
  const next = () => {
    clearTimeout(timer);
    if (wait > 0 && !document.hidden && !isAsking) after(wait);
  };
  const turn = async () => {
    clearTimeout(timer);
    isAsking = true;
    again = false;
    await ask();
    isAsking = false;
    if (again && wait > 0 && !document.hidden) later();
    else next();
  };
  const look = () => {
    if (document.hidden || wait === 0) return;
    if (isAsking) again = true;
    else turn();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("desk:look", look);
  window.addEventListener("desk:changed", ({ detail }) => {
    const version = new Map(detail).get(ticket.dataset.reference);
    if (document.hidden || wait === 0 || !(version > Number(bar.dataset.version))) return;
    later();
  });
  window.addEventListener("desk:live", ({ detail: { on } }) => {
    if (wait === 0) return;
    wait = pace = on ? LONGEST : EVERY;
    next();
  });
  window.addEventListener("pointerdown", () => { isPressed = true; }, { capture: true });
  for (const over of ["pointerup", "pointercancel"]) window.addEventListener(over, () => setTimeout(() => { isPressed = false; }), { capture: true });
  next();
})();

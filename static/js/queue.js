// The queue: the sentence, choosing rows by key, and rows that changed meanwhile. Nothing moves under the pointer: a changed row gets its new words in
// its place, one that left stays, greyed, with where it went, and what is new waits for a press. The server words everything. Without
// this script rows are chosen by their boxes, and the page is as it was when it was asked for.
"use strict";

(() => {
  const form = document.getElementById("rows");
  if (!form) return;
  const EVERY = 15_000;
  const LONGEST = 120_000;
  const MOST = 100;
  const boxes = () => [...form.querySelectorAll("[data-choose]")].filter((box) => box.checkVisibility());
  for (const each of form.querySelectorAll("[data-needs-script]")) each.hidden = false;

  /* ---------- The sentence ---------- */

  // What is chosen with the pointer is shown at once. By keyboard each arrow is a choice already, so there Show is pressed.
  const sentence = document.querySelector("form.sentence");
  let byKey = false;
  sentence?.addEventListener("keydown", () => { byKey = true; });
  sentence?.addEventListener("pointerdown", () => { byKey = false; });
  sentence?.addEventListener("change", () => { if (!byKey) sentence.requestSubmit(); });

  /* ---------- Choosing ---------- */

  let last = null;   // the box that was pressed last: Shift X chooses from there
  const choose = (box, checked) => {
    box.checked = checked;
    last = box;
  };
  const chooseTo = (box) => {
    const all = boxes();
    const from = all.indexOf(last);
    const to = all.indexOf(box);
    for (const each of from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = true;
    last = box;
  };
  const chooseNone = () => {
    for (const box of form.querySelectorAll("[data-choose]")) box.checked = false;
    last = null;
  };
  const boxNow = () => document.activeElement?.closest(".row")?.querySelector("[data-choose]") ?? null;
  const writing = (target) => target.closest('textarea, select, dialog, input:not([type="checkbox"])') !== null;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.singleKeys === "off") return;
    if (event.key.toLowerCase() !== "x" || writing(event.target)) return;
    const box = boxNow();
    if (!box?.checkVisibility()) return;
    event.preventDefault();
    if (event.shiftKey) chooseTo(box);
    else choose(box, !box.checked);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest("[data-choose]")) event.preventDefault();   // would press the form's first button
  });
  form.addEventListener("click", (event) => {
    const box = event.target.closest("[data-choose]");
    if (box && event.shiftKey && box.checked) chooseTo(box);
    else if (box) last = box;
    if (event.target.closest("[data-choose-all]")) {
      event.preventDefault();
      for (const each of boxes()) each.checked = true;
    }
    if (event.target.closest("[data-choose-none]")) {   // back to none, also where the page came with some chosen
      event.preventDefault();
      chooseNone();
    }
  });

  /* ---------- What has become of the rows ---------- */

  const says = form.querySelector("[data-says]");
  const fresh = form.querySelector("[data-new]");
  const rows = () => [...form.querySelectorAll("[data-row]")].slice(0, MOST);
  const rowOf = (reference) => form.querySelector(`[data-row="${CSS.escape(reference)}"]`);
  let tag = "";
  let wait = EVERY;

  const replace = (old, now) => {
    const box = old.querySelector("[data-choose]");
    const held = old.contains(document.activeElement) ? (document.activeElement === box ? "[data-choose]" : ".open") : "";
    now.querySelector("[data-choose]").checked = box.checked;
    if (last === box) last = now.querySelector("[data-choose]");
    old.className = `${now.className} changed`;
    old.replaceChildren(...now.childNodes);
    if (held) old.querySelector(held).focus({ preventScroll: true });
  };

  const again = async (references) => {
    const answer = await fetch(`${form.dataset.rows}?rows=${references.join(",")}`);
    if (!answer.ok || answer.redirected) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    for (const now of made.content.querySelectorAll("[data-row]")) {
      const old = rowOf(now.dataset.row);
      if (old) replace(old, now);
    }
  };

  const left = ({ row, words }) => {
    const old = rowOf(row);
    if (!old) return;
    old.classList.remove("changed");
    old.classList.add("gone");
    const place = old.querySelector(".moved") ?? document.createElement("span");
    place.className = "moved";
    place.textContent = words;
    old.querySelector(".meta").prepend(place);
  };

  const show = async (answer) => {
    for (const each of answer.left) left(each);
    if (answer.changed.length > 0) await again(answer.changed);
    fresh.hidden = answer.new === 0;
    fresh.firstElementChild.textContent = answer.new_words;
    // An empty page says that nobody waits. Somebody does now, and there is no row that could jump.
    if (answer.new > 0 && rows().length === 0 && !sentence?.contains(document.activeElement)) location.replace(fresh.firstElementChild.href);
    if (says.textContent !== answer.says) says.textContent = answer.says;
  };

  const over = () => {   // whoever has been signed out reads so once; nothing is asked any more
    fresh.hidden = false;
    fresh.firstElementChild.textContent = form.dataset.signedOut;
    wait = 0;
  };

  const ask = async () => {
    const shown = rows().map((row) => row.querySelector("[data-choose]").value);   // the reference and the version shown
    try {
      const answer = await fetch(`${form.dataset.changes}&rows=${shown.join(",")}`, {
        headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) }, cache: "no-store",
      });
      wait = EVERY;
      if (answer.status === 403 || answer.redirected) over();
      else if (answer.ok) {
        const body = await answer.json();
        tag = body.changed.length > 0 ? "" : answer.headers.get("ETag") ?? "";
        await show(body);
      } else if (answer.status !== 304) wait = Math.min(wait * 2, LONGEST);
    } catch {
      wait = Math.min(wait * 2, LONGEST);   // out of reach: what stands here was true, and is asked about again
    }
  };

  let timer = 0;
  const next = () => {
    clearTimeout(timer);
    if (wait > 0 && !document.hidden) timer = setTimeout(async () => { await ask(); next(); }, wait);
  };
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || wait === 0) return;
    await ask();
    next();
  });
  window.addEventListener("desk:look", async () => { await ask(); next(); });   // whoever knows that something has changed
  next();
})();

// The queue: the sentence, choosing rows by key, rows that changed meanwhile, and who looks at them. Nothing moves under the pointer: a
// changed row gets its new words in its place, one that left stays, greyed, with where it went, and what is new waits for a press. The
// server words everything. What changed is asked for as soon as live.js hears of it, else every 15 s. Without this script rows are chosen
// by their boxes, and the page is as it was when it was asked for.
"use strict";

(() => {
  const form = document.getElementById("rows");
  if (!form) return;
  const EVERY = 15_000;
  const LONGEST = 120_000;
  const SOON = 700;      // between two questions, where a row that is shown has changed
  const RARELY = 3000;   // where others have, which may be new here
  const HEARD = 2500;    // a sound takes so long at most, from when it is told of to its end
  const SPREAD = 300;    // many pages hear of the same change at once, and ask one after the other
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
  let pace = EVERY;
  let wait = EVERY;
  let asked = 0;         // when; whether the answer is still to come, and whether it may be old by then
  let asking = false;
  let isOld = false;
  let said = -Infinity;
  let pressed = null;    // the row that the pointer presses: it stays as it is until it is let go
  const held = new Map();

  // Everything but the element with the focus is put in anew: it stays where it is, with its new words in it.
  const renew = (old, now, focused) => {
    for (const { name } of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const [these, those] = [[...old.children], [...now.children]];
    const around = these.find((each) => each.contains(focused));
    if (!around || these.length !== those.length) return old.replaceChildren(...now.childNodes);
    these.forEach((each, place) => (each === around ? renew(each, those[place], focused) : each.replaceWith(those[place])));
  };

  const replace = (old, now) => {
    if (old === pressed) return void held.set(old, now);
    const box = old.querySelector("[data-choose]");
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    now.querySelector("[data-choose]").checked = box.checked;
    renew(old, now, focused);
    old.classList.add("changed");
    if (last === box) last = old.querySelector("[data-choose]");
    if (focused && document.activeElement !== focused) old.querySelector(focused === box ? "[data-choose]" : ".open").focus({ preventScroll: true });
    drawHere(old);
  };

  const letGo = () => setTimeout(() => {   // after the click that follows
    pressed = null;
    for (const [old, now] of held) replace(old, now);
    held.clear();
  });
  form.addEventListener("pointerdown", (event) => { pressed = event.target.closest("[data-row]"); });
  for (const over of ["pointerup", "pointercancel", "dragend"]) window.addEventListener(over, letGo);

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
    // Not before they were heard.
    if (answer.new > 0 && rows().length === 0) setTimeout(() => {
      if (!sentence?.contains(document.activeElement)) location.replace(fresh.firstElementChild.href);
    }, HEARD);
    if (says.textContent === answer.says || performance.now() < said + EVERY) return;
    says.textContent = answer.says;   // read aloud, so not with each change
    said = performance.now();
  };

  /* ---------- Who of the others is where ---------- */

  const here = new Map();   // by reference: {name, initials, writing} of each
  const signs = form.querySelector("template[data-signs]");
  const saying = ({ name, writing }) => (writing ? form.dataset.writes : form.dataset.looks).replace("{name}", name);
  const drawHere = (row) => {
    row.querySelector(".looking")?.remove();
    const people = here.get(row.dataset.row) ?? [];
    const cell = row.querySelector(".owner > span:last-child");
    if (people.length === 0 || !cell) return;
    const writes = people.some((each) => each.writing);
    const mark = signs.content.querySelector(writes ? "[data-writing]" : "[data-looking]").cloneNode(true);
    const owns = !row.querySelector(".owner.none") && people.length === 1 && cell.textContent.trim().endsWith(people[0].name);
    const [short, whole] = mark.querySelectorAll("span");
    short.textContent = owns ? form.dataset.hereNow : people.length === 1 ? people[0].name : people.map((each) => each.initials).join(" ");
    whole.textContent = ` ${people.map(saying).join(". ")}`;
    mark.title = whole.textContent.trim();
    cell.append(mark);
  };
  window.addEventListener("desk:here", ({ detail }) => {
    for (const [reference, people] of Object.entries(detail)) {
      if (people.length > 0) here.set(reference, people);
      else here.delete(reference);
      const row = rowOf(reference);
      if (row) drawHere(row);
    }
  });

  /* ---------- Asking ---------- */

  const over = () => {   // whoever has been signed out reads so once; nothing is asked any more
    fresh.hidden = false;
    fresh.firstElementChild.textContent = form.dataset.signedOut;
    wait = 0;
  };

  const ask = async () => {
    if (asking) return void (isOld = true);
    asking = true;
    isOld = false;
    asked = performance.now();
    const shown = rows().map((row) => row.querySelector("[data-choose]").value);   // the reference and the version shown
    try {
      const told = pace === EVERY ? "&told=no" : "";
      const answer = await fetch(`${form.dataset.changes}&rows=${shown.join(",")}${told}`, {
        headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) }, cache: "no-store",
      });
      wait = pace;
      if (answer.status === 403 || answer.redirected) over();
      else if (answer.ok) {
        const body = await answer.json();
        window.dispatchEvent(new CustomEvent("desk:bell", { detail: body.bell }));
        if (body.came.length > 0) window.dispatchEvent(new CustomEvent("desk:came", { detail: { references: body.came } }));
        tag = body.changed.length > 0 ? "" : answer.headers.get("ETag") ?? "";
        await show(body);
      } else if (answer.status !== 304) wait = Math.min(wait * 2, LONGEST);
    } catch {
      wait = Math.min(wait * 2, LONGEST);   // out of reach: what stands here was true, and is asked about again
    } finally {
      asking = false;
    }
  };

  let timer = 0;
  let ends = Infinity;
  const after = (delay) => {
    clearTimeout(timer);
    ends = performance.now() + delay;
    timer = setTimeout(async () => { await ask(); next(); }, delay);
  };
  const soon = (gap) => {
    const delay = Math.max(0, asked + gap - performance.now()) + Math.random() * SPREAD;
    if (performance.now() + delay < ends) after(delay);
  };
  const next = () => {
    clearTimeout(timer);
    ends = Infinity;
    if (wait === 0 || document.hidden) return;
    if (isOld) soon(SOON);
    else after(wait);
  };
  const look = async () => {
    if (document.hidden || wait === 0) return;
    await ask();
    next();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("desk:look", look);   // whoever knows that something has changed
  window.addEventListener("desk:changed", ({ detail }) => {
    if (document.hidden || wait === 0) return;   // asked when it is looked at again
    const versions = new Map(rows().map((row) => row.querySelector("[data-choose]").value.split(".")));
    const news = detail.filter(([reference, version]) => !(Number(versions.get(reference)) >= version));
    if (news.length > 0) soon(news.some(([reference]) => versions.has(reference)) ? SOON : RARELY);
  });
  window.addEventListener("desk:live", ({ detail: { on } }) => {
    if (wait === 0) return;
    wait = pace = on ? LONGEST : EVERY;
    next();
  });
  window.desk?.live?.show(rows().map((row) => row.dataset.row));
  next();
})();

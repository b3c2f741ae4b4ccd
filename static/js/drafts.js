// Keeps what one writes: at the desk a second after typing stops and on leaving, and in this browser until the desk has it. So a killed
// tab, a server that is away and a log-in that has ended lose nothing. What another window has kept since is shown, and not
// written over. Without this script a button keeps the words.
"use strict";

(() => {
  const form = document.querySelector("form.composer[data-keep]");
  if (!form) return;
  const PAUSE = 1000;
  const AGAIN = 5000;
  const words = form.querySelector("textarea[name=text]");
  const key = form.elements.client_key;
  const stamp = form.elements.kept;           // of what the desk has, as far as this window knows
  const elsewhere = form.querySelector("[data-elsewhere]");
  const told = form.querySelector("[data-kept]");
  const other = form.querySelector("[data-other-words]");
  const kindNow = () => (form.elements.then.value === "note" ? "note" : "answer");
  const place = (kind) => `draft:${form.dataset.draft}:${kind}`;
  let kind = kindNow();
  let then = form.elements.then.value;
  let base = words.value;      // what the desk has, as far as we know
  let restored = null;
  let timer = 0;
  let leaving = false;
  let going = null;            // words that are on their way to the desk
  const shelf = other ? { [kind === "note" ? "answer" : "note"]: other.value } : {};
  const stamps = other ? { [kind === "note" ? "answer" : "note"]: other.dataset.keptAt } : {};
  let last = null;             // words that were sent to be kept last
  let apart = null;            // what another window has kept, until one has chosen

  const stored = (of) => {
    try { return JSON.parse(localStorage.getItem(place(of)) || "null"); } catch { return null; }
  };
  const here = () => {
    if (!words.value.trim() || words.value === base) localStorage.removeItem(place(kind));
    else localStorage.setItem(place(kind), JSON.stringify({ text: words.value, key: key.value, then, base }));
  };

  const put = (text, purpose) => {
    last = text;
    const body = new FormData(form);
    body.set("text", text);
    body.set("then", purpose);
    return fetch(form.dataset.keep, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
  };

  const putAside = async (text, purpose) => {
    const of = kind;
    try {
      const state = await (await put(text, purpose)).json();
      if (of === kind) stamp.value = state.stamp;
      else stamps[of] = state.stamp;
    } catch {
      // the desk is out of reach: it goes with the next words
    }
  };

  const wasSent = (text) => {   // a message that went, and whose page never came back
    key.value = crypto.randomUUID();
    base = "";
    if (words.value === restored && words.value === text) words.value = "";
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const differs = (kept) => {
    if (kept.text === last) {  // our own, whose answer never came
      stamp.value = kept.stamp;
      base = kept.text;
      timer = setTimeout(save, PAUSE);
      return;
    }
    apart = kept;
    elsewhere.querySelector("[data-elsewhere-words]").textContent = kept.text;
    elsewhere.hidden = false;
    told.textContent = "";
  };
  const chosen = (text) => {
    stamp.value = apart.stamp;
    base = apart.text;
    apart = null;
    elsewhere.hidden = true;
    words.value = text;
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };
  elsewhere.querySelector("[data-both]").addEventListener("click", () => chosen([words.value.trimEnd(), apart.text].join("\n\n")));
  elsewhere.querySelector("[data-only-these]").addEventListener("click", () => chosen(words.value));

  const save = async () => {
    clearTimeout(timer);
    const text = words.value;
    if (text === base || text === going || leaving || apart) return;
    if (going !== null && document.visibilityState === "visible") return void (timer = setTimeout(save, PAUSE));
    const of = kind;
    going = text;
    try {
      const answer = await put(text, then);
      if (answer.status === 409) return void (of === kind && differs(await answer.json()));
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const state = await answer.json();
      if (of !== kind) return;
      if (state.sent) return void wasSent(text);
      base = text;
      stamp.value = state.stamp;
      told.textContent = words.value === text ? state.words : told.textContent;
      here();
    } catch {
      told.textContent = form.dataset.onlyHere;
      timer = setTimeout(save, AGAIN);
    } finally {
      if (going === text) going = null;
    }
  };

  const typed = () => {
    here();
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };

  // Answer and note are two drafts. What was begun goes along to the other kind, unless that one has words of its own.
  const turned = () => {
    const now = kindNow();
    const before = then;
    then = form.elements.then.value;
    if (now === kind) return typed();
    const text = words.value;
    const waits = shelf[now] ?? stored(now)?.text ?? "";
    if (waits) {
      if (text !== base) putAside(text, before);
      shelf[kind] = text;
      stamps[kind] = stamp.value;
      words.value = base = waits;
    } else {
      localStorage.removeItem(place(kind));
      if (base) putAside("", before);
      base = "";
    }
    delete shelf[now];
    stamp.value = stamps[now] ?? "";
    kind = now;
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const address = new URL(location.href);
  const answered = address.searchParams.get("answered");
  if (answered) {
    for (const of of ["answer", "note"]) if (stored(of)?.key === answered) localStorage.removeItem(place(of));
    address.searchParams.delete("answered");
    history.replaceState(null, "", address);
  }
  const mine = stored(kind);
  if (mine && mine.text !== words.value && form.dataset.typed === undefined) {
    const goesOn = !words.value || mine.base === words.value || mine.text.startsWith(words.value.trimEnd());
    words.value = goesOn ? mine.text : `${words.value}\n\n${mine.text}`;
    if (mine.key) key.value = mine.key;
    const purpose = form.querySelector(`input[name=then][value="${mine.then}"]`);
    if (purpose && !purpose.disabled) purpose.checked = true;
    then = form.elements.then.value;
    restored = words.value;
    save();
  } else if (mine) {
    localStorage.removeItem(place(kind));
  }

  words.addEventListener("input", typed);
  form.addEventListener("change", (event) => { if (event.target.name === "then") turned(); });
  form.addEventListener("submit", () => { here(); leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("pagehide", () => { if (!leaving) save(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
})();

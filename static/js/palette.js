// Do anything: what fits the ticket or the row with the focus first, each with its key; then places; then tickets. Actions and places are
// the controls that the page has, found by data-key or data-do; other teams and tickets come from the server. The list of all keys
// opens in place, too. Without this script both controls are links to pages that say the same.
"use strict";

(() => {
  const PAUSE = 150;
  const palette = document.getElementById("palette");
  const keys = document.getElementById("all-keys");
  if (!palette || !keys) return;
  const field = palette.querySelector("input");
  const list = palette.querySelector('[role="listbox"]');
  const said = palette.querySelector('[role="status"]');
  const words = palette.dataset;
  let row = null;
  let here = [];
  let elsewhere = [];
  let options = [];
  let at = 0;
  let asked = 0;
  let timer = 0;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // The name of a control as it is read, without the key that is drawn on it.
  const nameOf = (control) => {
    if (control.dataset.do) return control.dataset.do;
    const from = control.labels?.[0] ?? control;
    const copy = from.cloneNode(true);
    for (const each of copy.querySelectorAll(".key, .figure, input, select, textarea")) each.remove();
    return (control.getAttribute("aria-label") || copy.textContent).replace(/\s+/g, " ").trim();
  };

  const optionOf = (control) => ({
    name: nameOf(control),
    icon: control.querySelector("svg.icon"),
    keys: control.dataset.key ?? "",
    do: () => window.desk.press(control, row),
    href: control.dataset.below === undefined && control.matches("a[href]") ? control.href : "",
  });

  const KEYS = { escape: "Esc", enter: "↵", ctrl: "Ctrl", shift: "Shift" };
  const caps = (key) => key.split(/[ +]/).filter(Boolean).map((each) => KEYS[each] ?? each.toUpperCase());

  const about = () => {
    const ticket = document.querySelector("main [data-about]");
    if (!row) return ticket?.dataset.about ?? "";
    return [row.querySelector(".ref"), row.querySelector(".caller b")].filter(Boolean).map((each) => each.textContent.trim()).join(", ");
  };

  const gather = () => {
    row = window.desk.rowNow();
    const found = window.desk.controls("[data-key], [data-do]", row).filter((each) => !["escape", "ctrl+k"].includes(each.dataset.key));
    here = found.filter((each) => each.closest("main")).map(optionOf).filter((each) => each.name);
    const places = [...new Set([...document.querySelectorAll(".rail li a[href]"), ...found.filter((each) => !each.closest("main"))])];
    elsewhere = places.map(optionOf).filter((each) => each.name && !each.keys.includes("/"));
  };

  // Where the words stand in a name: at the beginning of one of its words, all of them.
  const fits = (name, typed) => {
    const parts = plain(name).split(/[^\p{L}\p{N}]+/u);
    return plain(typed).split(/\s+/).filter(Boolean).every((word) => parts.some((part) => part.startsWith(word)));
  };

  const marked = (name, typed) => {
    const word = plain(typed).split(/\s+/).filter(Boolean)[0] ?? "";
    const from = word ? plain(name).search(new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape?.(word) ?? word.replace(/[^\p{L}\p{N}]/gu, "\\$&")}`, "u")) : -1;
    if (from < 0 || plain(name).length !== name.length) return [name];
    const bold = document.createElement("b");
    bold.textContent = name.slice(from, from + word.length);
    return [name.slice(0, from), bold, name.slice(from + word.length)];
  };

  const drawn = (option, typed) => {
    const item = document.createElement("li");
    item.id = `do-${options.push(option) - 1}`;
    item.setAttribute("role", "option");
    if (option.icon) {
      const icon = option.icon.cloneNode(true);
      icon.removeAttribute("role");
      icon.removeAttribute("aria-label");
      icon.setAttribute("aria-hidden", "true");
      item.append(icon);
    }
    const name = document.createElement("span");
    name.append(...(option.parts ?? marked(option.name, typed)));
    item.append(name);
    if (option.keys) {
      const held = document.createElement("span");
      held.className = "keys-of";
      for (const cap of caps(option.keys)) {
        const key = document.createElement("kbd");
        key.className = "key";
        key.textContent = cap;
        held.append(key);
      }
      item.append(held);
    }
    return item;
  };

  const group = (heading, all, typed) => {
    if (all.length === 0) return [];
    const part = document.createElement("ul");
    part.className = "list";
    part.setAttribute("role", "group");
    part.setAttribute("aria-label", heading);
    const head = document.createElement("li");
    head.setAttribute("role", "presentation");
    head.className = "group";
    head.textContent = heading;
    part.append(head, ...all.map((option) => drawn(option, typed)));
    return [part];
  };

  const choose = (next) => {
    at = Math.min(Math.max(next, 0), options.length - 1);
    for (const item of list.querySelectorAll('[role="option"]')) item.setAttribute("aria-selected", String(item.id === `do-${at}`));
    const chosen = document.getElementById(`do-${at}`);
    field.setAttribute("aria-activedescendant", chosen ? chosen.id : "");
    chosen?.scrollIntoView({ block: "nearest" });
  };

  // `found`: what the server knows for what is typed; null while it is asked.
  const show = (found) => {
    const typed = field.value.trim();
    const kept = options[at]?.name;
    options = [];
    const fitting = (all) => (typed ? all.filter((each) => fits(each.name, typed)) : all);
    const known = new Set(elsewhere.map((each) => each.href));
    const of = (kind) => (found ?? []).filter((each) => each.kind === kind && !known.has(each.href));
    const look = new URL(words.search, location.href);
    look.searchParams.set("q", typed);
    const find = typed ? [{ name: words.find.replace("%s", typed), parts: [words.find.replace("%s", typed)], keys: "", href: look.href }] : [];
    list.replaceChildren(
      ...group(about() ? words.with.replace("%s", about()) : words.here, fitting(here), typed),
      ...group(words.places, [...fitting(elsewhere), ...of("place")], typed),
      ...group(words.tickets, [...of("ticket"), ...find], typed),
    );
    const before = options.findIndex((each) => each.name === kept);
    choose(found && at > 0 && before >= 0 ? before : 0);
  };

  const ask = async () => {
    const mine = ++asked;
    const typed = field.value.trim();
    said.textContent = "";
    if (!typed) return;
    const address = new URL(words.ask, location.href);
    address.search = new URLSearchParams({ part: "1", q: typed });
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked || !palette.open) return;
      said.textContent = page.querySelector("[data-said]")?.textContent ?? "";
      show([...page.querySelectorAll("a[data-kind]")].map((each) => ({
        name: each.textContent.replace(/\s+/g, " ").trim(), parts: [...each.querySelectorAll(":scope > span")],
        icon: each.querySelector("svg"), keys: "", kind: each.dataset.kind, href: new URL(each.getAttribute("href"), location.href).href,
      })));
    } catch {
      if (mine === asked) said.textContent = words.away;
    }
  };

  const go = (option, event) => {
    if (!option) return;
    palette.close();
    if (option.href && (event.ctrlKey || event.metaKey)) window.open(option.href, "_blank", "noopener");
    else if (option.do) option.do();
    else location.assign(option.href);
  };

  const showKeys = async (link) => {
    const into = keys.querySelector("[data-keys]");
    if (!into.hasChildNodes()) {
      const address = new URL(link.href);
      address.searchParams.set("part", "1");
      try {
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        into.append(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      } catch {
        location.assign(link.href);
        return;
      }
    }
    if (!keys.open) keys.showModal();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.dialog === "all-keys") {
      showKeys(link);
      return;
    }
    gather();
    field.value = "";
    at = 0;
    said.textContent = "";
    asked += 1;
    show(null);
    document.getElementById("menu")?.hidePopover?.();
    palette.showModal();
    field.focus();
  });

  field.addEventListener("input", () => {
    at = 0;
    show(null);
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  palette.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) choose(at + step);
    else if (event.key === "Enter" && !event.isComposing && event.target === field) go(options[at], event);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") palette.close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest('[role="option"]');
    if (item) go(options[Number(item.id.slice(3))], event);
  });
  for (const dialog of [palette, keys]) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();   // beside it
    });
  }
})();

/* How a line of the chat looks, and what is pinned above them. All text of theirs and of ours goes in as text. */
(() => {
  "use strict";
  const chat = window.deskChat;
  const { W, $, make } = chat;
  const language = document.documentElement.lang;

  chat.when = (at) => {
    const day = new Date(at);
    const time = { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone };
    const far = day.toDateString() === new Date().toDateString() ? {} : { weekday: "short", day: "numeric", month: "short" };
    return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { ...far, ...time }).format(day);
  };
  chat.size = (bytes) => (bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.ceil(bytes / 1_000_000)} MB`);

  const withLinks = (said) => said.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, at) =>
    at % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
  const fileOf = (each) => {
    const name = `${each.name} (${chat.size(each.size)})`;
    if (!each.url) return make("li", {}, name);
    const link = make("a", { href: each.url, target: "_blank", rel: "noopener" }, name);
    if (/^image\/(png|jpeg|gif|webp)$/.test(each.type)) link.prepend(make("img", { src: each.url, alt: "", loading: "lazy" }));
    return make("li", {}, link);
  };
  chat.element = (line) => {
    const mine = line.by === "visitor";
    const by = mine ? "" : line.automatic || line.by === "desk" ? W.automatic : line.name;
    const li = make("li", { className: mine ? "mine" : "" }, make("b", { className: "sr" }, `${mine ? W.you : by}: `));
    if (line.gone) li.append(make("p", {}, make("i", {}, W.gone)));
    else if (line.text) li.append(make("p", {}, ...(mine ? [line.text] : withLinks(line.text))));
    if (line.files?.length) li.append(make("ul", { className: "list" }, ...line.files.map(fileOf)));
    li.append(make("small", {}, by ? `${by}, ${chat.when(line.at)}` : chat.when(line.at)));
    return li;
  };
  /* By its number; what has none yet stays below. */
  chat.place = (list, li, n) => {
    li.dataset.n = n;
    let before = list.lastElementChild;
    while (before && (before === li || !before.dataset.n || Number(before.dataset.n) > n)) before = before.previousElementSibling;
    if (li.isConnected && li.previousElementSibling === before) return;
    if (before) before.after(li);
    else list.prepend(li);
  };
  chat.pin = (promise) => {
    $("pin").hidden = !promise;
    if (!promise) return;
    const [what, date, standing] = $("pin").firstElementChild.children;
    // That a date is at risk is ours to know: whoever waits for it is written to before it passes.
    const shown = { kept: "kept", late: "late" }[promise.state] ?? "on-track";
    $("pin").firstElementChild.className = `promise ${shown}`;
    what.textContent = promise.what;
    date.textContent = `${promise.day} ${promise.time}`;
    standing.textContent = W[shown] ?? "";
    standing.hidden = !W[shown];
  };
})();

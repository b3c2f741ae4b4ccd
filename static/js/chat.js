/* The chat, in a frame on another site or in a window of its own. It speaks to the API (docs/api-chat.md), and to the site
   around it only of being open or closed, and of how much is unread. What is written waits in memory under an id of its
   own until the API has stored it: one after the other, again and again. */
(() => {
  "use strict";
  const chat = window.deskChat;
  const { W, $, make, call, pause, trouble } = chat;
  const framed = window.parent !== window;
  const [log, list, text, form] = [$("log"), $("lines"), $("text"), $("say")];
  const thumb = matchMedia("(pointer: coarse)");

  let origin = framed ? "" : location.origin;
  let identity = "";
  let sure = true; // that the token is of whoever the site names
  let isOpen = !framed;
  let isOver = false;
  let last = 0; // the highest number that a state has told
  let told = 0; // through which number we have said that ours were shown
  let active = Date.now();
  const drawn = new Map(); // number → its <li>
  const own = new Map(); // client id → {li, n, at} of what the visitor wrote
  const waiting = []; // of these, what is not stored yet, in order
  const ours = new Set(); // numbers of lines of ours
  const unseen = new Set(); // numbers of lines of ours that were never in sight
  const sight = new Set(); // numbers that came in sight

  const outside = (what, more) => { if (framed) window.parent.postMessage({ deskChat: what, ...more }, origin || "*"); };

  // ---- Lines

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  let stays = true;
  const toEnd = () => {
    stays = true;
    log.scrollTop = log.scrollHeight;
    $("below").hidden = true;
  };
  const mark = (line, words) => { line.li.lastElementChild.textContent = `${chat.when(line.at)}, ${words}`; };
  /* Those after one that comes late from another window have moved. */
  const stored = (line, n, at) => {
    if (waiting.includes(line)) waiting.splice(waiting.indexOf(line), 1);
    if (line.n === n) return;
    drawn.delete(line.n);
    Object.assign(line, { n, at });
    drawn.set(n, line.li);
    chat.place(list, line.li, n);
    mark(line, W.sent);
  };
  const merge = (line) => {
    const here = own.get(line.client_id);
    if (here) return stored(here, line.n, line.at);
    if (drawn.has(line.n)) return;
    const li = chat.element(line);
    if (line.by === "visitor") {
      const theirs = { li };
      own.set(line.client_id, theirs);
      return stored(theirs, line.n, line.at);
    }
    drawn.set(line.n, li);
    chat.place(list, li, line.n);
    ours.add(line.n);
    if (line.n > told) {
      unseen.add(line.n);
      eyes.observe(li.lastElementChild);
    }
  };

  // ---- What came in sight: only that is acknowledged, and only as far as nothing before it was missed

  const eyes = new IntersectionObserver((entries) => {
    for (const each of entries) {
      const n = Number(each.target.parentElement?.dataset.n);
      if (each.isIntersecting) sight.add(n);
      else sight.delete(n);
    }
    saw();
  }, { threshold: 0.9 });
  let telling = 0;
  const saw = () => {
    if (isOpen && !document.hidden) {
      for (const n of sight) {
        unseen.delete(n);
        if (drawn.has(n)) eyes.unobserve(drawn.get(n).lastElementChild);
      }
      sight.clear();
    }
    outside("unread", { unread: unseen.size });
    const first = Math.min(...unseen);
    const through = Math.max(0, ...[...ours].filter((n) => n < first));
    if (!chat.token || through <= told || telling) return;
    telling = setTimeout(async () => {
      try {
        await call("POST", "seen", { through });
        told = Math.max(told, through);
        look(); // a date in it counts from now on, and is pinned
      } catch { /* said with the next look */ }
      telling = 0;
    }, 150);
  };

  // ---- What there is: asked for when the socket says so, and now and then without it

  const show = (got) => {
    if (got.proven && !identity) return reset(); // they have signed out there
    missed = 0;
    if (!waiting.length) trouble("");
    if (got.name) $("name").textContent = got.name;
    if (got.here) $("here").textContent = got.here.words;
    const before = drawn.size;
    stays = atEnd();
    chat.pin(got.promise);
    if (!before) told = got.seen ?? 0;
    for (const line of got.lines ?? []) merge(line);
    last = Math.max(last, got.last ?? 0);
    if (stays) toEnd();
    else if (drawn.size > before) $("below").hidden = !unseen.size;
    $("hello").hidden = list.childElementCount > 0;
    reach(got.address ?? "");
    over(got.ended ?? false);
    form.hidden = isOver || got.sends === false;
    connect(got.live ?? "");
    saw();
    setTimeout(() => { log.ariaLive = "polite"; }, 500); // what stood there already is not read out
  };

  let asking = null;
  let once = false; // more
  let missed = 0;
  let next = 0;
  const look = () => {
    if (!chat.token || !origin) return;
    if (asking) {
      once = true;
      return;
    }
    clearTimeout(next);
    const whose = chat.token;
    asking = (sure ? call("GET", `state?after=${last}`) : prove()).then((got) => {
      if (got && chat.token === whose) show(got);
    }, (failed) => {
      if (chat.token !== whose) return;
      missed += 1;
      once = false;
      if (failed.status === 401) gone();
      else trouble(failed.status === 429 ? W.busy : failed.words);
    }).finally(() => {
      asking = null;
      if (once) {
        once = false;
        look();
      } else plan();
    });
  };
  const plan = () => {
    clearTimeout(next);
    if (!chat.token) return;
    const quiet = !isOpen || isOver || document.hidden;
    const polled = quiet ? 30_000 : Date.now() - active < 120_000 ? 3_000 : 10_000;
    next = setTimeout(look, missed ? pause(missed) : socket?.readyState === 1 && !isAway ? 60_000 : polled);
  };

  let socket = null;
  let isAway = false; // the desk's own word that nothing is told just now
  let lost = 0;
  let live = "";
  const connect = (to) => {
    live = to;
    if (!to || socket || !chat.token || isOver) return;
    let mine;
    try { mine = socket = new WebSocket(to); } catch { return; /* polled */ }
    mine.onopen = () => {
      isAway = false;
      mine.send(JSON.stringify({ token: chat.token }));
      look();
    };
    mine.onmessage = (event) => {
      const got = JSON.parse(event.data);
      lost = 0;
      if ("away" in got) {
        isAway = got.away;
        plan();
      }
      if (got.look) look();
      if (got.typing) typing(got.typing);
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      socket = null;
      lost += 1;
      plan();
      setTimeout(() => connect(live), pause(lost));
    };
  };
  const disconnect = () => {
    const was = socket;
    socket = null;
    was?.close();
  };
  let writes = 0;
  const typing = (name) => {
    clearTimeout(writes);
    $("typing").textContent = name ? W.typing.replace("%", name) : "";
    if (name) writes = setTimeout(typing, 6_000);
  };

  // ---- Sending

  let beginning = null;
  const begin = async () => {
    const whose = chat.token;
    const given = { language: document.documentElement.lang, origin };
    let got;
    try {
      got = await call("POST", "session", { ...given, identity });
    } catch (failed) {
      // Whoever was signed in there too long ago is a visitor like any other.
      if (!identity || failed.again) throw failed;
      identity = "";
      got = await call("POST", "session", given);
    }
    if (chat.token !== whose) return;
    sure = true;
    if (got.token) chat.keep(got.token);
    show(got);
    plan();
  };
  const prove = () => beginning ??= begin().finally(() => { beginning = null; });
  const session = async () => { while (!chat.token || !sure) await prove(); };
  const take = async (line) => {
    await session();
    for (const each of line.files) {
      if (each.id) continue;
      const sent = new FormData();
      sent.append("file", each.file, each.name);
      each.id = (await call("POST", "files", sent)).id;
    }
    const got = await call("POST", "messages", {
      client_id: line.client_id, sequence: line.sequence, text: line.text, files: line.files.map((each) => each.id),
    });
    stored(line, got.n, got.at);
  };
  let sending = false;
  let tries = 0;
  let retry = 0;
  let sequence = 0;
  const send = async () => {
    if (sending) return;
    sending = true;
    clearTimeout(retry);
    while (waiting.length) {
      const line = waiting[0];
      try {
        await take(line);
        tries = 0;
        trouble("");
      } catch (failed) {
        if (!waiting.includes(line)) continue; // a look has found it stored
        if (!failed.again) refuse(line, failed);
        else {
          if (failed.status === 401) gone(); // nobody knows us any more: begun anew, with what waits
          tries += 1;
          for (const each of waiting) mark(each, W.waits);
          trouble(failed.status === 429 ? W.busy : W.away);
          retry = setTimeout(send, pause(tries, failed.after));
          break;
        }
      }
    }
    sending = false;
    look();
  };
  /* Not taken, nor if sent once more: why stands with it, and it can be changed. */
  const refuse = (line, failed) => {
    waiting.splice(waiting.indexOf(line), 1);
    own.delete(line.client_id);
    mark(line, W.waits);
    const back = () => {
      line.li.remove();
      for (const file of line.files) file.id = "";
      text.value = [line.text, text.value].filter(Boolean).join("\n");
      chat.filesPut(line.files);
      text.focus();
    };
    line.li.lastElementChild.before(make("span", { className: "error" }, failed.words, " ",
      make("button", { type: "button", className: "plain", onclick: back }, W.back)));
    toEnd();
  };
  const write = () => {
    const said = text.value.trim();
    const files = chat.filesTake();
    text.focus();
    if (!said && !files.length) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    sequence = Math.max(sequence + 1, Date.now()); // rises from window to window, too
    const line = { client_id: id, sequence, by: "visitor", text: said, files, at: Date.now() };
    line.li = chat.element(line);
    mark(line, W.sending);
    list.append(line.li);
    own.set(id, line);
    waiting.push(line);
    text.value = "";
    $("hello").hidden = true;
    active = Date.now();
    toEnd();
    send();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || (thumb.matches && !event.ctrlKey)) return;
    event.preventDefault();
    write();
  });
  let typed = 0;
  text.addEventListener("input", () => {
    active = Date.now();
    if (!chat.token || !text.value || active - typed < 3_000) return;
    typed = active;
    if (socket?.readyState === 1) socket.send('{"typing":true}');
    else call("POST", "typing").catch(() => { /* only a courtesy */ });
  });

  // ---- An address to go on at, the end, a new beginning

  const reach = (mail) => {
    if (!$("mail")) return;
    $("mail").textContent = mail;
    $("mail-no").hidden = Boolean(mail);
    $("mail-yes").hidden = $("forget").hidden = !mail;
  };
  document.addEventListener("click", (event) => {
    const which = event.target.dataset?.opens;
    if (!which) return;
    if (which === "address") {
      $("email").value = $("mail").textContent;
      $("wrong").textContent = "";
      $("agree").checked = false;
    }
    $(which).showModal();
  });
  const dialog = (id, act) => $(id)?.addEventListener("submit", async (event) => {
    if (!event.submitter?.value) return;
    event.preventDefault();
    try {
      if (await act(event.submitter.value)) $(id).close();
    } catch (failed) {
      $(id).querySelector(".error").textContent = failed.words;
    }
  });
  dialog("address", async (what) => {
    const email = $("email");
    if (what === "forget") await call("DELETE", "address");
    else {
      const wrong = !email.value.trim() || !email.checkValidity() ? email : $("agree").checked ? null : $("agree");
      $("wrong").textContent = wrong ? (wrong === email ? W.address : W.tick) : "";
      wrong?.focus();
      if (wrong) return false;
      await session();
      await call("POST", "address", { email: email.value.trim(), consent: true });
    }
    reach(what === "forget" ? "" : email.value.trim());
    return true;
  });
  dialog("ending", async () => {
    await call("POST", "end");
    over(true);
    $("ending").close();
    $("anew").focus();
  });
  const over = (ended) => {
    $("end").hidden = !chat.token;
    if (ended === isOver) return;
    isOver = ended;
    form.hidden = ended;
    $("ended").hidden = !ended;
    if (ended) disconnect();
  };
  /* Another's chat, or nobody's yet: what was not sent stays, and goes on in that one. */
  const reset = (to = "") => {
    chat.keep(to);
    disconnect();
    clearTimeout(next);
    list.replaceChildren(...waiting.map((each) => each.li));
    for (const each of [drawn, ours, unseen, sight, own]) each.clear();
    for (const each of waiting) {
      own.set(each.client_id, each);
      for (const file of each.files) file.id = ""; // put ready for whoever this was
    }
    eyes.disconnect();
    last = told = missed = 0;
    $("hello").hidden = waiting.length > 0;
    chat.pin(null);
    reach("");
    over(false);
    saw();
    look();
    if (waiting.length) send();
    else fresh();
  };
  const gone = () => {
    chat.was = chat.token || chat.was;
    reset();
  };
  $("anew").onclick = () => {
    reset();
    text.focus();
  };
  $("below").onclick = () => {
    toEnd();
    log.focus();
  };
  log.addEventListener("scroll", () => {
    stays = atEnd();
    if (stays) $("below").hidden = true;
  }, { passive: true });
  log.addEventListener("load", () => { if (stays) toEnd(); }, true);

  // ---- Open, closed, and whoever else has the token

  /* Whether somebody is there, while nothing is known of the visitor: the page may be an hour old. */
  let fetched = Date.now();
  const fresh = async () => {
    if (chat.token || Date.now() - fetched < 60_000) return;
    fetched = Date.now();
    try {
      const answer = await fetch(location.href, { credentials: "omit" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      $("here").textContent = page.getElementById("here")?.textContent ?? "";
    } catch { /* it is told with the first words */ }
  };
  const opened = (quietly) => {
    isOpen = true;
    chat.wasOpen(true);
    active = Date.now();
    if (unseen.size) drawn.get(Math.min(...unseen)).scrollIntoView({ block: "start" });
    else toEnd();
    if (!quietly) (isOver ? $("anew") : form.hidden || thumb.matches ? $("name") : text).focus();
    look();
    fresh();
    saw();
  };
  const close = () => {
    isOpen = false;
    chat.wasOpen(false);
    outside("close");
  };
  $("close").hidden = !framed;
  $("close").onclick = close;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && framed && !event.isComposing && !document.querySelector("dialog[open]")) close();
  });
  document.addEventListener("visibilitychange", () => {
    saw();
    if (!document.hidden) look();
  });
  addEventListener("online", () => {
    tries = missed = lost = 0;
    send();
    connect(live);
  });
  addEventListener("offline", () => trouble(W.away));
  addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  addEventListener("storage", (event) => {
    if (event.key === chat.KEY && (event.newValue ?? "") !== chat.token) reset(event.newValue ?? "");
  });
  addEventListener("message", (event) => {
    if (!framed || event.source !== window.parent) return;
    const what = event.data?.deskChat;
    if (what === "hello") {
      origin = event.origin;
      identity = String(event.data.identity ?? "");
      sure = !identity;
      look();
    } else if (what === "open") opened(event.data.quietly);
    else if (what === "closed") isOpen = false;
  });

  if (chat.token) look();
  else log.ariaLive = "polite";
  const { label, open, one, more } = W;
  outside("ready", { open: chat.wasOpen(), words: { label, open, one, more, title: document.title } });
  if (!framed) opened(true);
})();

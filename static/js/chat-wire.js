/* What the chat's other scripts stand on: its words, what the browser keeps of it (the token; for this tab, whether it is
   open), calls to the API. */
(() => {
  "use strict";
  const { api, site } = document.body.dataset;
  // Outside of a frame nobody says who is signed in.
  const KEY = `desk-chat:${site}${window.parent === window ? ":own" : ""}`;
  // For browsers that deny storage to frames of others: a cookie of this path, and of the site around it alone.
  const cookie = (to) => { document.cookie = `desk-chat=${to}; Path=${location.pathname}; Max-Age=${to ? 2_592_000 : 0}; Secure; SameSite=None; Partitioned`; };
  const words = document.getElementById("words").content.children;
  const chat = {
    W: Object.fromEntries([...words].map((each) => [each.dataset.w, each.textContent])),
    KEY,
    token: "",
    was: "", // one that is nobody's any more
    $: (id) => document.getElementById(id),
    make: (name, values, ...children) => {
      const made = Object.assign(document.createElement(name), values);
      made.append(...children);
      return made;
    },
    keep: (to) => {
      chat.token = to;
      try {
        if (to) localStorage.setItem(KEY, to);
        else localStorage.removeItem(KEY);
      } catch { cookie(to); }
    },
    wasOpen: (to) => {
      try {
        if (to !== undefined) sessionStorage.setItem(KEY, to ? "open" : "");
        return sessionStorage.getItem(KEY) === "open";
      } catch { return false; }
    },
    /* Milliseconds before the next try; after: what the API asked for, in seconds. */
    pause: (tries, after = 0) => Math.max(after, Math.min(30, 2 ** tries / 2) * (0.75 + Math.random() / 2)) * 1000,
    trouble: (said) => {
      const place = chat.$("trouble");
      if (place.textContent === said) return;
      place.textContent = said;
      place.hidden = !said;
    },
    /* Throws {status, again: whether it may be tried once more, after: seconds, words}. */
    call: async (method, path, given) => {
      const isForm = given instanceof FormData;
      const body = given && !isForm ? JSON.stringify(given) : given;
      const headers = { Accept: "application/json" };
      const token = chat.token || chat.was;
      if (token) headers.Authorization = `Visitor ${token}`;
      if (body && !isForm) headers["Content-Type"] = "application/json";
      const failed = (status, again, after, said) => Object.assign(new Error(`${path}: ${status}`), { status, again, after, words: said });
      let answer;
      try {
        answer = await fetch(api + path, {
          method, headers, body, credentials: "omit", cache: "no-store",
          signal: AbortSignal.timeout(isForm ? 180_000 : 20_000),
          keepalive: typeof body === "string" && body.length < 15_000, // sent though the page is left
        });
      } catch { throw failed(0, true, 0, chat.W.away); }
      const said = answer.status === 204 ? null : await answer.json().catch(() => undefined);
      if (answer.ok && said !== undefined) return said;
      const { status } = answer;
      const again = answer.ok || status >= 500 || [401, 408, 425, 429].includes(status);
      throw failed(status, again, Number(answer.headers.get("Retry-After")) || 0, said?.detail ?? chat.W.away);
    },
  };
  try {
    chat.token = localStorage.getItem(KEY) ?? "";
  } catch { chat.token = /(?:^|; )desk-chat=([\w-]+)/.exec(document.cookie)?.[1] ?? ""; }
  window.deskChat = chat;
})();

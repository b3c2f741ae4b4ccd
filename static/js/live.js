// What the desk tells while a page is open: one socket a tab, ids only; the pages ask for what they show. Frames become events of the
// window: desk:changed [[reference, version]], desk:here {reference: [person]}, desk:typing [reference], desk:bell, desk:look (ask about
// everything), and desk:live {on}. While nothing is told the pages ask by themselves as they did, and a line says so. Without this script,
// or without an address for the socket, nothing is told.
"use strict";

(() => {
  const address = document.body.dataset.live;
  if (address === undefined) return;
  const FIRST = 1000;
  const MOST = 30_000;
  const STEADY = 5000;      // a socket that has stood so long begins anew when it goes
  const PATIENCE = 4000;    // before the line says that nothing is told: a socket may come back first
  const UNSEEN = 60_000;    // in which somebody who looks at another tab still counts as here
  const MOST_SHOWN = 200;
  const line = document.querySelector("[data-live-away]");
  let socket = null;
  let tries = 0;
  let timer = 0;
  let saying = 0;
  let unseen = 0;
  let isAway = false;       // the desk's own word for it
  let isOn = false;
  let isLeaving = false;
  let shown = null;         // of a queue; a page that shows none is told of what it has open
  let opened = { open: null, writing: false };

  const tell = (name, detail) => window.dispatchEvent(new CustomEvent(name, { detail }));
  const send = (frame) => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame)); };

  const standing = () => {
    const on = socket?.readyState === WebSocket.OPEN && !isAway;
    clearTimeout(saying);
    if (on && line) line.hidden = true;
    else if (line && !isLeaving) saying = setTimeout(() => { line.hidden = false; }, PATIENCE);
    if (on === isOn) return;
    isOn = on;
    tell("desk:live", { on });
  };

  const hear = (frame) => {
    if ("away" in frame) {
      isAway = frame.away;
      standing();
    }
    if (frame.here) tell("desk:here", frame.here);
    if (frame.typing) tell("desk:typing", frame.typing);
    if (frame.bell) tell("desk:bell");
    if (frame.look) tell("desk:look");
    else if (frame.changed) tell("desk:changed", frame.changed);
  };

  const where = () => {
    const url = new URL(address || "/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (url.pathname === "/") url.pathname = "/ws";
    return url;
  };

  const connect = () => {
    clearTimeout(timer);
    if (socket || isLeaving) return;
    const mine = socket = new WebSocket(where());
    let steady = 0;
    mine.addEventListener("open", () => {
      steady = setTimeout(() => { tries = 0; }, STEADY);
      isAway = false;
      if (shown) send({ show: shown });
      send(document.hidden ? { open: null, writing: false } : opened);
      standing();
      tell("desk:look");   // what happened since the page was made, or since the last socket went
    });
    mine.addEventListener("message", (event) => { if (socket === mine) hear(JSON.parse(event.data)); });
    mine.addEventListener("close", () => {
      clearTimeout(steady);
      if (socket !== mine) return;
      socket = null;
      standing();
      tell("desk:here", Object.fromEntries([...shown ?? [], ...opened.open ? [opened.open] : []].map((reference) => [reference, []])));
      if (isLeaving) return;
      // Everybody's socket goes at once when that process ends: they come back one by one.
      timer = setTimeout(connect, Math.min(MOST, FIRST * 2 ** tries) * (0.5 + Math.random()));
      tries += 1;
    });
  };

  window.desk.live = {
    show(references) {
      shown = references.slice(0, MOST_SHOWN);
      send({ show: shown });
    },
    open(reference, writing) {
      if (opened.open === reference && opened.writing === writing) return;
      opened = { open: reference, writing };
      if (!document.hidden) send(opened);
    },
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(unseen);
    if (!document.hidden) {
      send(opened);
      if (!socket) connect();
    } else if (opened.open) {
      unseen = setTimeout(() => send({ open: null, writing: false }), UNSEEN);
    }
  });
  window.addEventListener("online", connect);
  window.addEventListener("pagehide", () => {
    isLeaving = true;
    clearTimeout(timer);
    clearTimeout(saying);
    socket?.close();
    socket = null;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isLeaving = false;
    standing();
    connect();
  });
  document.addEventListener("DOMContentLoaded", connect);   // the page's own scripts have said by then what it shows
})();

// Somebody new waits live: a short sound, once over all windows of this browser, and only where the desk says that it is for whoever
// listens here (of their teams, nobody has it, they take more). Fed by live.js, and by whoever else learns of new tickets:
//   window.dispatchEvent(new CustomEvent("desk:came", { detail: { references: ["K7QM4T2X"] } }))
// Browsers let nothing be heard before the first press or key in a window. Without this script it is quiet.
"use strict";

(() => {
  const place = document.querySelector("[data-came]");
  if (!place) return;
  const KEPT = "desk:rung";
  const MOST = 200;
  const NEW = 3;         // a ticket of a later version is not one that has just come
  const PAUSE = 1000;    // what comes within it is asked about together
  const waiting = new Set();
  let timer = 0;

  const rung = () => {
    try { return JSON.parse(localStorage.getItem(KEPT) || "[]"); } catch { return []; }
  };

  const play = async () => {
    const sound = new AudioContext();
    try {
      const source = sound.createBufferSource();
      source.buffer = await sound.decodeAudioData(await (await fetch(place.dataset.sound)).arrayBuffer());
      source.connect(sound.destination);
      const over = new Promise((done) => { source.onended = done; });
      source.start();
      await over;
    } finally {
      await sound.close();
    }
  };

  const ring = async (references) => {
    const before = rung();
    const fresh = references.filter((each) => !before.includes(each));
    if (fresh.length === 0) return;
    localStorage.setItem(KEPT, JSON.stringify([...before, ...fresh].slice(-MOST)));
    const answer = await fetch(`${place.dataset.came}?${new URLSearchParams({ rows: fresh.slice(-100).join(",") })}`, {
      headers: { Accept: "application/json" }, cache: "no-store",
    });
    if (answer.ok && !answer.redirected && (await answer.json()).ring) await play();
  };

  const heard = async () => {
    const references = [...waiting];
    waiting.clear();
    if (references.length === 0 || !navigator.userActivation?.hasBeenActive) return;
    try {
      // One window after the other, so that each sees what the one before it has rung for.
      if (navigator.locks) await navigator.locks.request(KEPT, () => ring(references));
      else await ring(references);
    } catch {
      // the desk is out of reach, or the browser wants it quiet: the row stands in the queue all the same
    }
  };

  const came = (references) => {
    for (const each of references) waiting.add(each);
    clearTimeout(timer);
    timer = setTimeout(heard, PAUSE);
  };

  window.addEventListener("desk:came", (event) => came(event.detail?.references ?? []));
  window.addEventListener("desk:changed", (event) => {
    const fresh = event.detail.filter(([, version]) => version <= NEW).map(([reference]) => reference);
    if (fresh.length > 0) came(fresh);
  });
})();

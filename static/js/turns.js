// When a page asks what is so now: now and then by itself, sooner when it was told of something, one question at a time and none while
// nobody looks at it. `look` asks; it answers true when there is nothing more to ask, since whoever asks has signed out.
"use strict";

window.desk.turns = (look, { every, gap }) => {
  const SPREAD = 300;   // of pages that are told at once
  let timer = 0;
  let due = Infinity;
  let looked = 0;
  let isOver = false;
  let isLooking = false;
  let again = Infinity;   // what to keep from the last one, after what was told while it looked

  const after = (delay) => {
    clearTimeout(timer);
    due = Infinity;
    if (isOver || document.hidden) return;
    due = performance.now() + delay;
    timer = setTimeout(turn, delay);
  };
  const soon = (least = gap) => {
    const delay = Math.max(0, looked + least - performance.now()) + Math.random() * SPREAD;
    if (isLooking) again = Math.min(again, least);
    else if (performance.now() + delay < due) after(delay);
  };
  const turn = async () => {
    isLooking = true;
    again = due = Infinity;
    looked = performance.now();
    try {
      isOver = await look();
    } finally {
      isLooking = false;
      if (again < Infinity) soon(again);
      else after(every);
    }
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) after(every); else soon(); });
  after(every);
  return soon;
};

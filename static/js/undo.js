// The bar that takes a message back counts its seconds, and says when it is too late. Without this script it says the time.
"use strict";

(() => {
  const bar = document.querySelector("[data-undo]");
  if (!bar) return;
  const ends = performance.now() + Number(bar.dataset.left) * 1000;
  const count = bar.querySelector("[data-count]");

  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left > 0) {
      count.textContent = `· ${left} s`;
      setTimeout(tick, 250);
      return;
    }
    bar.querySelector("[role=status]").textContent = bar.dataset.gone;
    bar.querySelector("button").remove();
  };
  tick();
})();

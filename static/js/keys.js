// Single keys. Each does what a visible link, button or field does, and nothing else.
// J K move in a list, Enter opens (the link has the focus), C and R go to the field that says so, G then D or T, Esc back, ? shows all.
"use strict";

(() => {
  const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog") !== null;
  const rows = () => Array.from(document.querySelectorAll(".row .open"));
  const dialog = document.getElementById("all-keys");
  let after = "";

  const move = (step) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
    all[next].closest(".row").scrollIntoView({ block: "nearest" });
  };

  const goTo = (selector) => {
    const target = document.querySelector(selector);
    if (!target) return false;
    if (target.matches("a")) target.click();
    else target.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) {
      if (!event.target.closest("dialog")) event.target.blur();
      return;
    }
    if (typing(event.target)) return;
    const key = event.key.toLowerCase();
    const chord = after;
    after = "";
    let done = true;
    if (chord === "g" && key === "d") done = goTo('.rail a[href="/"]');
    else if (chord === "g" && key === "t") done = goTo('.rail a[href="/?show=triage"]');
    else if (key === "g") after = "g";
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "c" || key === "r") done = goTo(`[data-key="${key}"]`);
    else if (key === "escape") done = goTo('a[data-key="escape"]');
    else if (key === "?" && dialog) dialog.showModal();
    else done = false;
    if (done) event.preventDefault();
  });
})();

// Single keys. Each does what a visible link, button or field does, and nothing else.
// J K move in a list, Enter opens (the link has the focus); C goes to the field that says so; A T H E L P open their form; R releases
// the held message, or goes to "no reply needed" in triage; G then D, M or T; Esc back; / search; ? shows all.
"use strict";

(() => {
  const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog") !== null;
  const rows = () => Array.from(document.querySelectorAll(".row .open"));
  const dialog = document.getElementById("all-keys");
  const FORMS = ["a", "c", "e", "h", "l", "p", "r", "t"];
  let after = "";

  const move = (step) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
    all[next].closest(".row").scrollIntoView({ block: "nearest" });
  };

  const inSight = (element) => {
    const place = element.getBoundingClientRect();
    return place.top >= 0 && place.bottom <= window.innerHeight;
  };

  const goTo = (selector) => {
    const target = document.querySelector(selector);
    if (!target) return false;
    if (target.dataset.look !== undefined && !inSight(target.closest(".say"))) {
      target.scrollIntoView({ block: "center" });   // nobody sends what they have not seen: the first press shows it
      target.focus({ preventScroll: true });
    } else if (target.matches("a, button")) target.click();
    else target.focus();
    return true;
  };

  const search = () => {   // the field in sight; where there is none, the page that has one
    const fields = Array.from(document.querySelectorAll("#find, #q"));
    const field = fields.reverse().find((each) => each.getBoundingClientRect().width > 40);
    if (!field) return goTo('a[href="/search/"]');
    field.focus();
    field.select();
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
    else if (chord === "g" && key === "m") done = goTo('.rail a[href="/?show=mine&team=any"]');
    else if (chord === "g" && key === "t") done = goTo('.rail a[href="/?show=triage"]');
    else if (key === "g") after = "g";
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (FORMS.includes(key)) done = goTo(`[data-key="${key}"]`);
    else if (key === "/") done = search();
    else if (key === "escape") done = goTo('a[data-key="escape"]');
    else if (key === "?" && dialog) dialog.showModal();
    else done = false;
    if (done) event.preventDefault();
  });
})();

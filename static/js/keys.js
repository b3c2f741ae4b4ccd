// Keys. A key presses or focuses the control that carries it and is in sight, and does nothing else: data-key="x", "shift+x", "ctrl+k",
// "escape", or two one after the other ("g m"). What stands in the row with the focus comes first, then the work, then the frame; a
// place in a folded menu counts as in sight. A control with data-below opens its address below the row's ticket. J and K move in a
// list; Enter opens, since the link has the focus. Without this script every control is there to be clicked.
"use strict";

(() => {
  const PATIENCE = 1500;   // ms in which the second key of two has to follow the first
  const WRITES = 'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"])';
  let begun = "";
  let until = 0;

  const writing = (target) => target instanceof Element && target.closest(WRITES) !== null;
  const rowNow = () => document.activeElement?.closest(".row") ?? null;

  const usable = (control, row) => {
    if (control.disabled || control.getAttribute("aria-disabled") === "true") return false;
    if (control.dataset.below !== undefined && !row?.querySelector(".open")) return false;
    return control.checkVisibility({ visibilityProperty: true }) || control.matches("[popover] a[href]");
  };

  // Controls of a page by what they stand in: the row with the focus, the work, the rest. Those of other rows are not meant.
  const controls = (selector, row = rowNow()) => {
    const found = [...document.querySelectorAll(selector)].filter((each) => !each.closest("dialog"));
    const free = found.filter((each) => !each.closest(".row"));
    return [
      ...found.filter((each) => row?.contains(each)),
      ...free.filter((each) => each.closest("main")),
      ...free.filter((each) => !each.closest("main")),
    ].filter((each) => usable(each, row));
  };

  const seen = (element) => {
    const place = element.getBoundingClientRect();
    return place.top >= 0 && place.bottom <= window.innerHeight;
  };

  const press = (control, row = rowNow()) => {
    if (control.dataset.below !== undefined) {
      location.assign(new URL(control.dataset.below, row.querySelector(".open").href));
    } else if (control.dataset.look !== undefined && !seen(control.closest(".say"))) {
      control.scrollIntoView({ block: "center" });   // nobody sends what they have not seen: the first press shows it
      control.focus({ preventScroll: true });
    } else if (control.matches('a, button, summary, [type="checkbox"], [type="radio"]')) {
      control.click();
    } else {
      control.focus();
      if (control.type === "search") control.select();
    }
  };

  const move = (step) => {
    const all = [...document.querySelectorAll("main .row .open")].filter((each) => each.checkVisibility());
    if (all.length === 0) return false;
    const at = all.indexOf(rowNow()?.querySelector(".open"));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
    all[next].closest(".row").scrollIntoView({ block: "nearest" });
    return true;
  };

  const named = (event) => {
    const key = event.key.toLowerCase();
    const shift = event.shiftKey && (key.length > 1 || /\p{L}/u.test(key)) ? "shift+" : "";
    return (event.ctrlKey || event.metaKey ? "ctrl+" : "") + shift + key;
  };

  const act = (key) => {
    const control = controls("[data-key]").find((each) => each.dataset.key === key);
    if (control) press(control);
    else if (key === "j") return move(1);
    else if (key === "k") return move(-1);
    return Boolean(control);
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const key = named(event);
    const isSingle = !key.startsWith("ctrl+") && event.key.length === 1;
    if (isSingle && (writing(event.target) || document.body.dataset.singleKeys === "off")) return;
    if (event.repeat && key !== "j" && key !== "k") return;
    if (key === "escape" && writing(event.target)) {
      event.target.blur();
      return;
    }
    const wanted = begun && event.timeStamp < until ? `${begun} ${key}` : key;
    begun = "";
    let done = act(wanted);
    if (!done && isSingle && [...document.querySelectorAll("[data-key]")].some((each) => each.dataset.key.startsWith(`${wanted} `))) {
      begun = wanted;
      until = event.timeStamp + PATIENCE;
      done = true;
    }
    if (done) event.preventDefault();
  });

  window.desk = { controls, press, rowNow };
})();

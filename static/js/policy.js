// The policy's pages: the open tab is in sight where the tabs are wider than the window, and after a save the first field that has
// to be mended has the focus. Two managers on
// one page: what one did not touch is not sent, so that it does not put back what the other changed meanwhile. Without this script one
// scrolls, the list above the form says what and where, and a save says what it would put back.
"use strict";

(() => {
  const open = document.querySelector(".policy-top .tabs [aria-current]");
  const tabs = open?.closest(".tabs");
  if (tabs && tabs.scrollWidth > tabs.clientWidth) {
    tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
  }
  const wrong = document.querySelector(".policy [aria-invalid]");
  if (wrong && document.querySelector("main > .banner")) {
    wrong.closest("details")?.setAttribute("open", "");
    wrong.focus();
    wrong.scrollIntoView({ block: "center" });
  }

  const asItCame = (field) => field instanceof HTMLSelectElement
    ? [...field.options].every((option, at) => option.selected === option.defaultSelected || (at === 0 && option.selected
      && ![...field.options].some((each) => each.defaultSelected)))
    : field.value === field.defaultValue;
  const group = (name) => name.replace(/-[^-]*$/, "");

  for (const form of document.querySelectorAll("form[data-touched]")) {
    // What is shown after somebody was first was touched before, all of it.
    if (document.querySelector("#changed, #refused")) break;
    form.addEventListener("formdata", (event) => {
      const fields = [...form.elements].filter((each) => each.name && each.matches(":is(select, input:not([type]), textarea):not([data-sent])"));
      // A row of its own is one thing, and with another calendar the same words are another length.
      const whole = new Set(fields.filter((each) => !asItCame(each) && /^(own|override)-|calendar$/.test(each.name)).map((each) => group(each.name)));
      for (const each of fields) {
        if (asItCame(each) && !whole.has(group(each.name))) event.formData.delete(each.name);
      }
    });
  }
})();

// The policy's pages: the open tab is in sight where the tabs are wider than the window, and after a save the first field that has
// to be mended has the focus. Without this script one scrolls, and the list above the form says what and where.
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
})();

/* For other sites: each link with data-desk-form becomes the form that it leads to, in a frame as high as it needs.
   Where this does not run, or the frame is not allowed, the link stays what it is. */
(() => {
  "use strict";
  for (const link of document.querySelectorAll("a[data-desk-form]")) {
    const there = new URL(link.href);
    there.searchParams.set("frame", "1");
    const language = document.documentElement.lang.slice(0, 2).toLowerCase();
    if (language && !there.searchParams.has("lang")) there.searchParams.set("lang", language);
    const frame = document.createElement("iframe");
    frame.src = there.href;
    frame.title = link.textContent.trim();
    frame.width = "100%";
    frame.height = "900";
    frame.style.border = "0";
    window.addEventListener("message", (told) => {
      const high = told.data?.deskForm;
      if (told.source === frame.contentWindow && told.origin === there.origin && Number.isFinite(high)) {
        frame.height = String(Math.min(Math.max(Math.ceil(high), 200), 8000));
      }
    });
    link.replaceWith(frame);
    delete link.dataset.deskForm;
  }
})();

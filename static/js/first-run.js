// The last step of the first run: shows by itself how far the first post has come. Without this script "Look again" does.
"use strict";

(() => {
  const PAUSE = 3000;
  const look = async () => {
    try {
      const answer = await fetch(window.location.href);
      if (answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const list = document.getElementById("heard");
        const found = fresh.getElementById("heard");
        if (!found) return;
        if (fresh.querySelector(".heard > .ahead") === null) {
          window.location.reload();   // done: the whole page says so
          return;
        }
        if (found.innerHTML !== list.innerHTML) list.replaceChildren(...found.childNodes);
      }
    } catch {
      // out of reach for a moment: asked again
    }
    setTimeout(look, PAUSE);
  };
  setTimeout(look, PAUSE);
})();

// A caller's page that holds words of ours which they had not read yet: as soon as this browser shows it, it says so, and
// the page is drawn anew, with the date that these words may have told. Without a script, or where that fails, a button
// says it.
"use strict";

(() => {
  const form = document.getElementById("unread");
  const typed = document.getElementById("add");
  if (!form) return;
  form.hidden = true;

  const say = async () => {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        redirect: "manual",
        keepalive: true,
      });
      if (answer.type === "opaqueredirect") {
        if (!typed?.value) location.replace(form.action);
        return;
      }
    } catch {
      // The button is there for this.
    }
    form.hidden = false;
  };

  const look = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", look);
    say();
  };
  document.addEventListener("visibilitychange", look);
  look();
})();

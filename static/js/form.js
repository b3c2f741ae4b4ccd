/* A form that anybody may fill in. It works without this; with it, only what the subject asks is shown, and a page that
   shows the form in a frame is told how high it is. */
(() => {
  "use strict";
  const subject = document.getElementById("category");
  const asked = [...document.querySelectorAll("[data-ask]")];
  const show = () => {
    const asks = (subject.selectedOptions[0]?.dataset.asks ?? "").split(" ");
    for (const part of asked) {
      const field = part.querySelector("input");
      part.hidden = !asks.includes(part.dataset.ask) && !field?.value && !field?.ariaInvalid;
    }
  };
  if (subject) {
    subject.addEventListener("change", show);
    show();
  }
  document.getElementById("wrong")?.focus();

  if (window.parent !== window) {
    // Of what is on the page: the page itself is never lower than the frame.
    const letter = document.querySelector(".letter");
    const tell = () => window.parent.postMessage({ deskForm: letter.offsetHeight }, "*");
    new ResizeObserver(tell).observe(letter);
    tell();
  }
})();

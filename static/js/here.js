// A ticket's page: who else is here, and who writes, in the ticket's head; and below the words that one writes, who else does, and that the
// caller types. Tells the desk that one is here. Without this script, or while the desk is not told, nobody is shown.
"use strict";

(() => {
  const live = window.desk?.live;
  const ticket = document.querySelector("article.ticket[data-reference]");
  if (!live || !ticket) return;
  const TYPED = 60_000;     // so long after the last key one still counts as writing
  const TYPES = 6000;       // so long after they last typed a caller does
  const SETTLES = 1500;     // before it is read aloud: who opens a page and leaves it at once is not named
  const REST = 60_000;      // somebody who stops and begins again is not named each time
  const { reference, looks, writes } = ticket.dataset;
  const words = document.querySelector("form.composer textarea[name=text]");
  const others = document.querySelector("[data-others]");
  const types = document.querySelector("[data-types]");
  const aloud = ticket.querySelector("[data-aloud]");
  const signs = ticket.querySelector("template[data-signs]");
  let people = [];
  let typedAt = -Infinity;
  let rests = 0;
  let speaks = 0;
  let typing = 0;
  const named = new Map();   // when each was read aloud, by what was said

  const sentence = ({ name, writing }) => (writing ? writes : looks).replace("{name}", name);

  const speak = () => {
    const now = performance.now();
    const fresh = people.map(sentence).filter((each) => !(now - named.get(each) < REST));
    for (const each of fresh) named.set(each, now);
    if (fresh.length > 0) aloud.textContent = fresh.join(". ");
  };

  const draw = () => {
    const place = ticket.querySelector("[data-here]");
    place.replaceChildren(...people.map((each) => {
      const mark = signs.content.querySelector(each.writing ? "[data-writing]" : "[data-looking]").cloneNode(true);
      mark.querySelector(".who").textContent = each.initials;
      mark.querySelector("[data-name]").textContent = sentence(each);
      mark.title = sentence(each);
      return mark;
    }));
    if (others) others.textContent = people.filter((each) => each.writing).map(sentence).join(". ");
  };

  window.addEventListener("desk:here", ({ detail }) => {
    if (!(reference in detail)) return;
    people = detail[reference];
    draw();
    clearTimeout(speaks);
    speaks = setTimeout(speak, SETTLES);
  });
  window.addEventListener("desk:drawn", draw);
  window.addEventListener("desk:typing", ({ detail }) => {
    if (!types || !detail.includes(reference)) return;
    types.hidden = false;
    clearTimeout(typing);
    typing = setTimeout(() => { types.hidden = true; }, TYPES);
  });

  // What they typed has come, most likely.
  window.addEventListener("desk:changed", ({ detail }) => {
    if (types && detail.some(([changed]) => changed === reference)) types.hidden = true;
  });

  const isWriting = () => Boolean(words?.value.trim()) && performance.now() - typedAt < TYPED;
  const tell = () => {
    clearTimeout(rests);
    const writing = isWriting();
    live.open(reference, writing);
    if (writing) rests = setTimeout(tell, typedAt + TYPED - performance.now() + 50);
  };
  words?.addEventListener("input", (event) => {
    if (event.isTrusted) typedAt = performance.now();   // not where a draft was put in
    tell();
  });
  tell();
})();

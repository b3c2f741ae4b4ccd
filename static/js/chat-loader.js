/* For other sites: a button, and behind it the chat in a frame of the desk's own origin, whose words and token no script
   of the site can read. A shadow root with a constructed style sheet keeps the site's CSS and a strict CSP away. The
   button appears once the frame has said that it is there. */
(() => {
  "use strict";
  const script = document.currentScript ?? document.querySelector('script[src*="/chat/"][src*="/widget.js"]');
  if (!script || document.querySelector("desk-chat")) return;
  const there = new URL(".", script.src);
  const page = document.documentElement;
  const { lang, theme, identity } = script.dataset;
  const language = (lang || page.lang || "").slice(0, 2).toLowerCase();
  if (language) there.searchParams.set("lang", language);
  if (theme) there.searchParams.set("theme", theme);

  // Important in a shadow root outdoes the site's; in the top layer no box turns, hides or covers it.
  const css = `
:host { all: initial !important; display: contents !important; direction: ltr !important;
  color-scheme: ${theme === "light" || theme === "dark" ? theme : "light dark"} !important; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
section { position: fixed; z-index: 2147483647; inset: auto 16px 16px auto; width: auto; height: auto; margin: 0; padding: 0; border: 0;
  overflow: visible; background: none; color: inherit; font: 600 16px/1.4 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; }
section.start { inset: auto auto 16px 16px; }
button { display: flex; align-items: center; gap: 8px; min-height: 48px; margin: 0; padding: 0 20px 0 16px; border: 2px solid
  light-dark(#ffffff, #101615); border-radius: 24px; background: light-dark(#15201d, #e8efec); color: light-dark(#ffffff, #101615);
  font: inherit; cursor: pointer; box-shadow: 0 1px 2px light-dark(#15201d1a, #00000066), 0 12px 32px -8px light-dark(#15201d33, #000000b3); }
button:hover { background: light-dark(#2d3b37, #cfd8d4); }
button:focus-visible { outline: 3px solid light-dark(#1f3fa8, #a8bbff); outline-offset: 2px; }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
b { min-width: 24px; padding: 0 6px; border-radius: 12px; background: light-dark(#ffffff, #101615); color: light-dark(#15201d, #e8efec);
  font-size: 14px; line-height: 24px; text-align: center; }
[role] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
iframe { display: block; width: min(376px, calc(100vw - 32px)); height: min(624px, calc(100vh - 32px)); height: min(624px, calc(100dvh - 32px));
  border: 1px solid light-dark(#75827d, #7d8a85); border-radius: 10px; background: light-dark(#ffffff, #171f1d);
  box-shadow: 0 1px 2px light-dark(#15201d1a, #00000066), 0 12px 32px -8px light-dark(#15201d33, #000000b3); }
@media (max-width: 480px), (max-height: 420px) {
  section.open { inset: 0; }
  iframe { width: 100vw; height: 100vh; height: 100dvh; border: 0; border-radius: 0; }
}
@media print { section { display: none; } }`;
  const host = document.createElement("desk-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const make = (name, values, ...children) => {
    const made = Object.assign(document.createElement(name), values);
    made.append(...children);
    return made;
  };
  const drawn = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(drawn, "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const bubble = document.createElementNS(drawn, "path");
  bubble.setAttribute("d", "M2 3h12v8H7l-3 3v-3H2z");
  icon.append(bubble);

  const label = make("span");
  const badge = make("b", { hidden: true });
  const news = make("span", { role: "status" });
  const button = make("button", { type: "button", hidden: true, onclick: () => show(true) }, icon, label, badge);
  const frame = make("iframe", { src: there.href, hidden: true, referrerPolicy: "origin" });
  const section = make("section", { popover: "manual" }, button, frame, news);
  root.append(section);

  const whole = matchMedia("(max-width: 480px), (max-height: 420px)");
  let words = null;
  let isOpen = false;
  let made = false; // what the site had is put back: who made its page inert itself is left alone
  const say = (told) => frame.contentWindow?.postMessage(told, there.origin);
  /* Over the whole window nothing below may be reached with the keyboard, or be read. */
  const cover = () => {
    const covers = isOpen && whole.matches;
    if (covers === made || (covers && document.body.inert)) return;
    document.body.inert = made = covers;
  };
  const fit = () => {
    // The keyboard of a phone takes room that no unit of CSS knows of.
    const high = isOpen && whole.matches && window.visualViewport?.scale === 1 ? window.visualViewport.height : 0;
    frame.style.height = high ? `${high}px` : "";
  };
  const show = (open, quietly = false) => {
    isOpen = open;
    section.className = `${open ? "open" : ""} ${getComputedStyle(page).direction === "rtl" ? "start" : ""}`;
    button.hidden = open || !words;
    frame.hidden = !open;
    cover();
    fit();
    say({ deskChat: open ? "open" : "closed", quietly });
    if (quietly) return;
    if (open) frame.focus();
    else button.focus();
  };
  const count = (unread) => {
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    const said = unread ? `, ${unread === 1 ? words.one : words.more.replace("0", unread)}` : "";
    button.ariaLabel = words.open + said;
    news.textContent = isOpen || !said ? "" : words.open + said;
  };

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== there.origin) return;
    const told = event.data?.deskChat;
    if (told === "ready") {
      words = event.data.words;
      label.textContent = words.label;
      section.ariaLabel = frame.title = words.title;
      say({ deskChat: "hello", identity });
      show(Boolean(event.data.open) && !whole.matches, true);
      count(0);
    } else if (told === "unread" && words) count(event.data.unread);
    else if (told === "close" && isOpen) show(false);
    else if (told === "open" && !isOpen) show(true);
  });
  whole.addEventListener("change", () => { cover(); fit(); });
  window.visualViewport?.addEventListener("resize", fit);
  document.addEventListener("click", (event) => {
    if (!words || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!event.target.closest?.("a[data-desk-chat]")) return;
    event.preventDefault();
    show(true);
  });
  const begin = () => {
    page.append(host);
    section.showPopover?.();
  };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
})();

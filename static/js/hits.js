// Puts the messages that words find beside the words. Without it the link leads to a page with the same list.
for (const place of document.querySelectorAll("[data-hits]")) {
  place.addEventListener("click", async (event) => {
    const link = event.target.closest("a.button");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { "X-Part": "hits" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector("#hits");
      if (!found) throw new Error("no list");
      place.replaceChildren(...found.childNodes);
    } catch {
      window.location.assign(link.href);
    }
  });
}

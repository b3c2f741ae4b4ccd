// Files beside an answer: chosen, dropped on the composer or pasted into it, they are at the desk at once, each with its progress.
// Without this script the form brings them along, or a button does.
"use strict";

(() => {
  const form = document.querySelector("form.composer");
  const place = form?.querySelector("[data-files]");
  if (!place) return;
  const list = place.querySelector("[data-file-list]");
  const going = place.querySelector("[data-going-list]");
  const field = place.querySelector("input[type=file]");
  const button = form.querySelector("[data-attach]");
  let under_way = 0;
  let sending = null;    // a press that waits for files that are still on their way

  const told = (words) => {
    const said = document.createElement("p");
    said.className = "refused";
    said.setAttribute("role", "alert");
    said.textContent = words;
    list.querySelector(".refused")?.remove();
    list.prepend(said);
  };

  const ask = (body, progress) => new Promise((done) => {
    const request = new XMLHttpRequest();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("to", new FormData(form).get("to"));
    request.open("POST", place.dataset.files);
    request.setRequestHeader("X-Part", "files");
    if (progress) request.upload.addEventListener("progress", progress);
    request.addEventListener("load", () => {
      const ours = request.responseURL.endsWith(place.dataset.files) && [200, 422].includes(request.status);
      if (ours) list.innerHTML = request.responseText;
      else told(place.dataset.lost);
      done();
    });
    request.addEventListener("error", () => { told(place.dataset.lost); done(); });
    request.send(body);
  });

  const row = (file) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.className = "file going";
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", `${file.name}: ${place.dataset.going}`);
    words.append(name, bar);
    item.append(words);
    going.append(item);
    return { item, bar };
  };

  let queue = Promise.resolve();   // one after the other: the list that comes back holds all before it
  const take = (files) => {
    list.querySelector(".refused")?.remove();
    for (const file of files) {
      const { item, bar } = row(file);
      under_way += 1;
      queue = queue.then(async () => {
        const refused = list.querySelector(".refused")?.textContent;
        const body = new FormData();
        body.append("file", file, file.name);
        await ask(body, (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
        if (refused && !list.querySelector(".refused")) told(refused);
        item.remove();
        under_way -= 1;
        if (!under_way && sending) {
          const button = sending;
          sending = null;
          if (!list.querySelector(".refused")) form.requestSubmit(button === true ? undefined : button);
          else form.querySelector("button.main").removeAttribute("aria-busy");
        }
      });
    }
  };

  const writes = () => form.elements.then.value !== "note";
  if (button && field) {
    button.hidden = false;
    field.closest(".choose").hidden = true;
    button.addEventListener("click", () => field.click());
    field.addEventListener("change", () => {
      take([...field.files]);
      field.value = "";     // or each draft that is kept would bring them again
    });
    form.addEventListener("dragover", (event) => {
      if (!writes() || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      form.classList.add("drop");
    });
    form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) form.classList.remove("drop"); });
    form.addEventListener("drop", (event) => {
      form.classList.remove("drop");
      if (!writes() || !event.dataTransfer.files.length) return;
      event.preventDefault();
      take([...event.dataTransfer.files]);
    });
    form.querySelector("textarea[name=text]").addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!writes() || !files.length || event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      take(files);
    });
  }
  list.addEventListener("click", async (event) => {
    const remove = event.target.closest("button.remove");
    if (!remove) return;
    event.preventDefault();
    const body = new FormData();
    body.append("remove", remove.value);
    await ask(body);
    (list.querySelector("button.remove") ?? button ?? form.querySelector("textarea[name=text]")).focus();
  });
  form.addEventListener("submit", (event) => {
    if (!under_way || event.submitter?.formAction.includes("/draft/")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sending = event.submitter ?? true;
    form.querySelector("button.main").setAttribute("aria-busy", "true");
  }, true);
})();

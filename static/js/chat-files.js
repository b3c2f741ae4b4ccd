/* Files that go with the next words: chosen by button, dropped, pasted. */
(() => {
  "use strict";
  const chat = window.deskChat;
  const { W, $, make, size, trouble } = chat;
  const { files: filesMost, size: sizeMost } = document.body.dataset;
  const [text, whole] = [$("text"), $("chat")];
  let chosen = [];

  const show = () => {
    $("files").hidden = !chosen.length;
    $("files").replaceChildren(...chosen.map((each) => make("li", {}, `${each.name} (${size(each.size)}) `,
      make("button", { type: "button", className: "plain", ariaLabel: `${W.remove}: ${each.name}`, onclick: () => {
        chosen = chosen.filter((one) => one !== each);
        show();
        $("attach").focus();
      } }, W.remove))));
  };
  chat.filesTake = () => {
    const taken = chosen;
    chosen = [];
    show();
    return taken;
  };
  chat.filesPut = (back) => {
    chosen = [...back, ...chosen];
    show();
  };
  const add = (found) => {
    trouble("");
    for (const file of found) {
      const all = chosen.reduce((sum, each) => sum + each.size, file.size);
      if (chosen.length >= Number(filesMost)) trouble(W.many);
      else if (all > Number(sizeMost)) trouble(W.large.replace("%", file.name));
      else chosen.push({ name: file.name, size: file.size, type: file.type, file });
    }
    show();
    text.focus();
  };
  $("attach").onclick = () => $("choose").click();
  $("choose").onchange = () => {
    add($("choose").files);
    $("choose").value = "";
  };
  text.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  whole.dataset.drop = W.drop;
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if ($("say").hidden || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      whole.classList.toggle("drops", kind === "dragover");
      if (kind === "drop") add(event.dataTransfer.files);
    });
  }
})();

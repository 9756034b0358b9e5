// What a page cannot do without a script; reading needs none of it.
"use strict";

// The reader's zone is known to the browser alone.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`scripta_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `scripta_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value);
  button.textContent = button.dataset.done;
});

// "/" goes to the search box, as in other tools that people keep open all day.
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, textarea, select");
  const box = document.getElementById("q") || document.getElementById("find");
  if (event.key !== "/" || busy || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Files are sent as soon as they are chosen or dropped, wherever on the page that is.
const upload = document.getElementById("upload");
if (upload) {
  document.documentElement.classList.add("scripted");
  const chosen = upload.querySelector("input[type=file]");
  const drop = upload.querySelector(".drop");
  const say = (text) => {
    const said = document.getElementById("said");
    said.textContent = text;
    said.className = text ? "trouble" : "";
    said.lang = text ? document.documentElement.lang : "en";
  };
  const send = () => {
    const size = [...chosen.files].reduce((sum, file) => sum + file.size, 0);
    const tooLarge = size > Number(upload.dataset.limit);
    say(tooLarge ? upload.dataset.tooLarge : "");
    if (chosen.files.length && !tooLarge) upload.requestSubmit();
  };
  chosen.addEventListener("change", send);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    if (entries.some((entry) => entry?.isDirectory)) return say(upload.dataset.folder);
    chosen.files = event.dataTransfer.files;
    send();
  });
  const ended = () => { upload.querySelector("progress[data-upload]").hidden = true; };
  upload.addEventListener("htmx:sendError", () => { ended(); say(upload.dataset.broke); });
  upload.addEventListener("htmx:afterOnLoad", ended);
}

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector("progress[data-upload]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.max = event.detail.total;
  bar.value = event.detail.loaded;
});

// Who is one person is answered by keys: 1 one, 2 two, Z takes it back, arrows go on.
document.addEventListener("keydown", (event) => {
  const card = event.target.closest(".maybe");
  if (!card || event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const other = { ArrowDown: card.nextElementSibling, ArrowUp: card.previousElementSibling }[event.key];
  const key = CSS.escape(event.key.toLowerCase());
  const button = other ? other.querySelector("button") : card.querySelector(`button[data-key="${key}"]`);
  if (!button) return;
  event.preventDefault();
  if (other) button.focus();
  else button.click();
});

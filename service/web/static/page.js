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

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector("progress[data-upload]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.max = event.detail.total;
  bar.value = event.detail.loaded;
});

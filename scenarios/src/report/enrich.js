"use strict";
document.body.classList.add("live");
// What a mark stands for, at once instead of after the browser's delay.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);
for (const title of document.querySelectorAll("svg title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.parentNode.setAttribute("aria-label", title.textContent);
  title.remove();
}
document.addEventListener("pointermove", (event) => {
  const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
  tip.hidden = !mark;
  if (!mark) return;
  tip.textContent = mark.dataset.tip;
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  tip.style.left = left + "px";
  tip.style.top = (event.clientY + 18) + "px";
});
// A legend's entry takes its line out of every chart of the society, or puts it back.
for (const entry of document.querySelectorAll(".legend li[data-arm]")) {
  entry.tabIndex = 0;
  const toggle = () => {
    const off = entry.classList.toggle("off");
    const marks = entry.closest("section").querySelectorAll(`g[data-arm="${entry.dataset.arm}"]`);
    for (const mark of marks) mark.style.display = off ? "none" : "";
  };
  entry.addEventListener("click", toggle);
  entry.addEventListener("keydown", (event) => { if (event.key === "Enter") toggle(); });
}
// A theme brings its items out on the map.
for (const choice of document.querySelectorAll("select[data-themes]")) {
  choice.addEventListener("change", () => {
    for (const item of choice.closest("section").querySelectorAll(".item")) {
      item.classList.toggle("chosen", choice.value !== "" && item.dataset.theme === choice.value);
    }
  });
}

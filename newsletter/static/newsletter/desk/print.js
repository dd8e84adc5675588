// “Print” prints the page. Without scripts, the browser's own menu does.
for (const each of document.querySelectorAll("[data-print]")) each.addEventListener("click", () => window.print());

// mdBook highlights the page before the definition of Route is there; what it left plain is highlighted here.
(function () {
  "use strict";
  const blocks = document.querySelectorAll("code.language-route");
  blocks.forEach((block) => {
    if (typeof hljs.highlightElement === "function") hljs.highlightElement(block);
    else hljs.highlightBlock(block);
  });
})();

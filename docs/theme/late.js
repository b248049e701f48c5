// mdBook highlights the page before the definition of Route is there; what it left plain is highlighted here. Blocks that show
// parts of items (`each=…`, `part=…`) are read as they would be inside of one.
(function () {
  "use strict";
  const before = {
    expr: "predicate a = ",
    value: "set a on * -> * { msg.a = ",
    ends: "let a = ",
    wires: "tap a on ",
    type: "schema A { a: ",
    test: 'test "a" {\n',
  };

  function value(text, context) {
    const top = context ? hljs.highlight("route", context, true).top : undefined;
    return hljs.highlight("route", text, true, top).value;
  }

  function fragments(block, context, each) {
    for (const node of Array.from(block.childNodes)) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        node.innerHTML = value(node.textContent);
        continue;
      }
      const shown = document.createElement("span");
      const lines = each ? node.textContent.split(/(?<=\n)/) : [node.textContent];
      shown.innerHTML = lines.map((line) => value(line, context)).join("");
      node.replaceWith(shown);
    }
  }

  document.querySelectorAll("code.language-route").forEach((block) => {
    const word = Array.from(block.classList).find((name) => /^(each|part)=/.test(name));
    if (!word) {
      hljs.highlightBlock(block);
      return;
    }
    const [how, what] = word.split("=");
    fragments(block, before[what] || `${what} a on * -> * {\n`, how === "each");
  });
})();

'use strict';
function matcher(text) { const re = new RegExp(text, 'u'); const f = (s) => re.test(s); f.native = re; return f; }
module.exports = { matcher };

-- Run by ../run.sh: a stack is written in Neovim with `routec lsp`, and what happens is asserted. Leaves with 1 when something
-- fails.
local editors, work = vim.env.ROUTE_EDITORS, vim.env.ROUTE_WORK
vim.opt.runtimepath:append(editors .. "/neovim")
vim.cmd("filetype plugin indent on")
vim.cmd("syntax on")
vim.opt.swapfile = false

local route = require("route")
local failed = 0

local function check(name, run)
  local ok, message = xpcall(run, debug.traceback)
  failed = failed + (ok and 0 or 1)
  io.stdout:write((ok and "ok" or "FAILED") .. " neovim: " .. name .. (ok and "" or "\n" .. tostring(message)) .. "\n")
end

local function equal(wanted, found, about)
  if not vim.deep_equal(wanted, found) then
    error((about or "") .. " wanted " .. vim.inspect(wanted) .. ", found " .. vim.inspect(found), 2)
  end
end

--- Waits until `ready` says so, which it must within ten seconds.
local function await(what, ready)
  local value
  local done = vim.wait(10000, function()
    value = ready()
    return value
  end, 20)
  if not done then
    error("waited in vain for " .. what, 2)
  end
  return value
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

--- Places the cursor at the first match of a pattern, `offset` bytes further.
local function at(pattern, offset)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, "cW") > 0, "no " .. pattern)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  vim.api.nvim_win_set_cursor(0, { row, column + (offset or 0) })
end

local function clients()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)({ name = "routec" })
end

--- What the server answers; raises what it complains of.
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 10000)
  assert(answers, "no answer to " .. method)
  for _, answer in pairs(answers) do
    assert(not answer.err, vim.inspect(answer.err))
    return answer.result
  end
end

local function position()
  local client = clients()[1]
  return vim.lsp.util.make_position_params(0, client.offset_encoding)
end

local function found()
  return vim.tbl_map(function(d)
    return d.code
  end, vim.diagnostic.get(0))
end

--- The text and diagnostics of a stack that is being written.
local function write(text)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, "\n"))
end

check("builds the parser", function()
  route.setup()
  equal(false, route.has_parser())
  vim.cmd("silent RouteBuild")
  equal(1, vim.fn.filereadable(route.parser_path()))
  equal(true, route.has_parser())
end)

check("highlights with the tree", function()
  vim.cmd.edit(work .. "/greenhouse/greenhouse.route")
  equal("route", vim.bo.filetype)
  assert(vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()], "no tree-sitter highlighting")
  -- Newer versions read the text while the user goes on.
  vim.treesitter.get_parser(0, "route"):parse(true)
  local function shown(pattern, offset)
    at(pattern, offset)
    local row, column = unpack(vim.api.nvim_win_get_cursor(0))
    local captures = vim.treesitter.get_captures_at_pos(0, row - 1, column)
    return vim.tbl_map(function(c)
      return c.capture
    end, captures)
  end
  equal({ "keyword.function" }, shown("^tap"))
  equal({ "function" }, shown("^tap ", 4))
  equal({ "keyword" }, shown("keep when"))
  equal({ "variable.builtin" }, shown("\\<msg\\>"))
  equal({ "property" }, shown("msg\\.", 4))
  equal({ "comment.documentation", "spell" }, shown("^///"))
  equal({ "string" }, shown('"Read sensor'))
  equal(false, vim.treesitter.get_parser(0, "route"):parse()[1]:root():has_error())
  for _, name in ipairs({ "highlights", "folds", "injections", "locals", "indents" }) do
    assert(vim.treesitter.query.get("route", name), name)
  end
end)

check("folds blocks", function()
  vim.opt_local.foldmethod = "expr"
  vim.cmd("normal! zx")
  at("keep when")
  await("folds", function()
    return vim.fn.foldlevel(".") == 1
  end)
  vim.opt_local.foldmethod = "manual"
end)

check("indents as routec fmt does", function()
  for _, file in ipairs({ work .. "/greenhouse/greenhouse.route", work .. "/long.route" }) do
    vim.cmd.edit(file)
    local wanted = lines()
    vim.cmd([[silent %s/^\s\+//e]])
    vim.cmd("silent normal! gg=G")
    equal(wanted, lines(), file)
    vim.cmd("edit!")
  end
end)

check("starts the server", function()
  vim.cmd.edit(work .. "/greenhouse/greenhouse.route")
  local client = await("routec lsp", function()
    return clients()[1]
  end)
  equal(vim.fn.resolve(work .. "/greenhouse"), vim.fn.resolve(client.config.root_dir))
  -- Colours are those of the tree.
  equal(nil, client.server_capabilities.semanticTokensProvider)
end)

check("shows findings as a stack is typed", function()
  write("stack greenhouse\n")
  await("a clean stack", function()
    return #found() == 0
  end)
  write('stack greenhouse\n\ntap audit on * -> "Alarm tex" {\n  to stdout\n}\n')
  await("an unknown node", function()
    return vim.tbl_contains(found(), "R1001")
  end)
end)

check("completes the name of a node", function()
  at("Alarm tex", 9)
  local result = ask("textDocument/completion", position())
  local items = result.items or result
  local labels = vim.tbl_map(function(item)
    return item.label
  end, items)
  assert(#labels > 0, "nothing to complete")
  local fits = vim.tbl_filter(function(item)
    return item.label:find("Alarm text", 1, true)
  end, items)
  assert(#fits > 0, vim.inspect(labels))
end)

check("applies a fix", function()
  at("Alarm tex")
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.kind == "quickfix"
    end,
  })
  await("the fix", function()
    return table.concat(lines(), "\n"):find('"Alarm text"', 1, true)
  end)
  await("a clean stack", function()
    return #found() == 0
  end)
end)

check("renames", function()
  write('stack greenhouse\n\npredicate hot = msg.payload.temperature > 35\n\ntap audit on * -> "Alarm text" {\n  when hot\n  to stdout\n}\n')
  at("when hot", 5)
  vim.lsp.buf.rename("too_hot")
  await("both places", function()
    local text = table.concat(lines(), "\n")
    return text:find("predicate too_hot", 1, true) and text:find("when too_hot", 1, true)
  end)
end)

check("formats", function()
  local unformatted = 'stack   greenhouse\ntap audit on *->"Alarm text"{ to   stdout }\n'
  local wanted = vim.fn.systemlist({ "routec", "fmt", "-" }, unformatted)
  assert(vim.tbl_contains(wanted, "stack greenhouse"), vim.inspect(wanted))
  write(unformatted)
  vim.lsp.buf.format({ timeout_ms = 10000 })
  equal(wanted, lines())
end)

check("fills the quickfix list", function()
  vim.cmd("edit!")
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "filter broken on nowhere -> * {", "  keep when msg.x", "}" })
  vim.cmd("silent write")
  vim.cmd("silent make!")
  local valid = vim.tbl_filter(function(entry)
    return entry.valid == 1
  end, vim.fn.getqflist())
  equal(1, #valid, vim.inspect(vim.fn.getqflist()))
  equal("e", valid[1].type)
end)

check("stops the server", function()
  vim.lsp.stop_client(clients())
  await("its end", function()
    return #clients() == 0
  end)
end)

io.stdout:write(failed == 0 and "" or failed .. " failed\n")
os.exit(failed == 0 and 0 or 1)

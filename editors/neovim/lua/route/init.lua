--- Route in Neovim: file type, language server, tree-sitter.
local M = {}

local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h:h")
local editors = vim.fn.fnamemodify(here, ":h")
local markers = { "route.toml", "flows.json", ".git" }

--- Where the parser is built to.
function M.parser_path()
  return vim.fn.stdpath("data") .. "/site/parser/route.so"
end

--- Compiles the tree-sitter parser with the C compiler, `$CC` or `cc`. Raises what the compiler says if it fails.
function M.build()
  local sources = editors .. "/tree-sitter/src"
  local out = M.parser_path()
  vim.fn.mkdir(vim.fn.fnamemodify(out, ":h"), "p")
  local cc = vim.env.CC or "cc"
  if vim.fn.executable(cc) == 0 then
    error("route: no C compiler `" .. cc .. "`: install one, or name it in $CC", 0)
  end
  local command = { cc, "-O2", "-shared", "-fPIC", "-I" .. sources, sources .. "/parser.c", sources .. "/scanner.c", "-o", out }
  local said = vim.fn.system(command)
  if vim.v.shell_error ~= 0 then
    error("route: the parser was not built:\n" .. said, 0)
  end
end

--- Whether the parser can be loaded.
function M.has_parser()
  local add = vim.treesitter.language.add or vim.treesitter.language.require_language
  -- A folder that is newer than this session is not on its runtime path, so the file is named.
  local built = vim.fn.filereadable(M.parser_path()) == 1 and { path = M.parser_path() } or nil
  local ok, loaded = pcall(add, "route", built)
  -- Up to Neovim 0.10 a parser that is missing is an error, later it is an answer.
  return ok and (loaded == true or vim.fn.has("nvim-0.11") == 0)
end

local function start_server(event, options)
  local folder = vim.fs.dirname(vim.api.nvim_buf_get_name(event.buf))
  local root = vim.fs.dirname(vim.fs.find(markers, { upward = true, path = folder })[1])
  vim.lsp.start({ name = "routec", cmd = options.cmd, root_dir = root, settings = options.settings }, { bufnr = event.buf })
end

local function start_tree(event)
  if not M.has_parser() then
    return
  end
  vim.treesitter.start(event.buf, "route")
  vim.api.nvim_buf_call(event.buf, function()
    vim.opt_local.foldexpr = "v:lua.vim.treesitter.foldexpr()"
  end)
end

--- The tree tells more words apart than the server's tokens, which Neovim would paint over it.
local function prefer_tree(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == "routec" and vim.treesitter.highlighter.active[event.buf] then
    client.server_capabilities.semanticTokensProvider = nil
  end
end

--- Sets Route up. `options`: `cmd`, the language server as a list (`false`: none); `settings` for it; `treesitter = false` keeps
--- Vim's own highlighting. Without a parser, which `:RouteBuild` makes, Vim's own is used, too.
function M.setup(options)
  options = vim.tbl_extend("keep", options or {}, { cmd = { "routec", "lsp" }, treesitter = true })
  -- Indentation, `:make`, and highlighting without a parser are those of Vim.
  vim.opt.runtimepath:append(editors .. "/vim")
  vim.filetype.add({ extension = { route = "route" } })
  vim.api.nvim_create_user_command("RouteBuild", function()
    M.build()
    vim.notify("route: built " .. M.parser_path())
  end, { desc = "Compile the tree-sitter parser of Route" })

  local group = vim.api.nvim_create_augroup("route", { clear = true })
  local on_file = function(run)
    vim.api.nvim_create_autocmd("FileType", { group = group, pattern = "route", callback = run })
  end
  if options.treesitter then
    on_file(start_tree)
    vim.api.nvim_create_autocmd("LspAttach", { group = group, callback = prefer_tree })
  end
  if not options.cmd then
    return
  end
  if vim.lsp.enable then
    vim.lsp.config("routec", { cmd = options.cmd, settings = options.settings })
    vim.lsp.enable("routec")
  else
    on_file(function(event)
      start_server(event, options)
    end)
  end
end

return M

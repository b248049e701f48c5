-- The language server, for `vim.lsp.enable("routec")` of Neovim 0.11 and newer.
return {
  cmd = { "routec", "lsp" },
  filetypes = { "route" },
  root_markers = { "route.toml", "flows.json", ".git" },
}

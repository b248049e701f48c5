" Read by the plugin ALE, which speaks to language servers: findings, completion and renaming from `routec lsp`.
call ale#Set('route_routec_executable', 'routec')

" The folder whose `route.toml` or `flows.json` a stack belongs to, or else its own.
function! ale_linters#route#routec#Root(buffer) abort
  for marker in ['route.toml', 'flows.json']
    let found = ale#path#FindNearestFile(a:buffer, marker)
    if !empty(found)
      return fnamemodify(found, ':h')
    endif
  endfor
  return expand('#' . a:buffer . ':p:h')
endfunction

call ale#linter#Define('route', {
\ 'name': 'routec',
\ 'lsp': 'stdio',
\ 'executable': {buffer -> ale#Var(buffer, 'route_routec_executable')},
\ 'command': '%e lsp',
\ 'project_root': function('ale_linters#route#routec#Root'),
\})

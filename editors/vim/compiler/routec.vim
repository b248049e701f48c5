" `:make` checks the stack and fills the quickfix list.
if exists('g:current_compiler')
  finish
endif
let g:current_compiler = 'routec'
let s:cpo = &cpo
set cpo&vim

if exists(':CompilerSet') != 2
  command -nargs=* CompilerSet setlocal <args>
endif

CompilerSet makeprg=routec\ check\ --output-format\ concise\ %:S
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z]%m,%-G%.%#

let &cpo = s:cpo
unlet s:cpo

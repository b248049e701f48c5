" Run by ../run.sh: what Vim shows and does with Route, asserted. Leaves with 1 when something fails.
set nocompatible nomore encoding=utf-8
exe 'set runtimepath^=' . fnameescape($ROUTE_EDITORS . '/vim')
filetype plugin indent on
syntax on

" The linked group of the first match of a pattern.
function! Shown(pattern) abort
  call cursor(1, 1)
  let [line, column] = searchpos(a:pattern, 'cW')
  call assert_true(line > 0, 'no ' . a:pattern)
  return matchstr(synIDattr(synID(line, column, 1), 'name'), '^route\zs\a\+')
endfunction

function! Detects() abort
  edit $ROUTE_WORK/greenhouse/greenhouse.route
  call assert_equal('route', &filetype)
  call assert_equal('// %s', &commentstring)
  call assert_equal(2, shiftwidth())
endfunction

function! Shows() abort
  call assert_equal('Doc', Shown('///'))
  call assert_equal('NameSpace', Shown('^stack \zs\w'))
  call assert_equal('Router', Shown('^tap'))
  call assert_equal('NameRouter', Shown('^tap \zs\w'))
  call assert_equal('Clause', Shown('keep when'))
  call assert_equal('Root', Shown('\<msg\>'))
  call assert_equal('Property', Shown('msg\.\zs\w'))
  call assert_equal('Text', Shown('"Read sensor"'))
  call assert_equal('Unit', Shown('1\zs/s'))
  call assert_equal('Arrow', Shown('->'))
endfunction

" What `routec fmt` wrote stays as it is.
function! Indents() abort
  for file in glob($ROUTE_WORK . '/*/*.route', 0, 1) + [$ROUTE_WORK . '/long.route']
    exe 'edit' fnameescape(file)
    let wanted = getline(1, '$')
    silent %s/^\s\+//e
    silent normal! gg=G
    for at in range(len(wanted))
      call assert_equal(wanted[at], getline(at + 1), file . ':' . (at + 1))
    endfor
    edit!
  endfor
endfunction

function! Makes() abort
  edit $ROUTE_WORK/greenhouse/greenhouse.route
  silent make!
  call assert_equal([], getqflist(), 'a clean stack')
  call append('$', ['filter broken on nowhere -> * {', '  keep when msg.x', '}'])
  silent write
  silent make!
  let found = filter(getqflist(), 'v:val.valid')
  call assert_equal(1, len(found), string(getqflist()))
  call assert_equal(line('$') - 2, found[0].lnum)
  call assert_equal('e', found[0].type)
  call assert_match('nowhere', found[0].text)
  call assert_match('greenhouse.route$', bufname(found[0].bufnr))
endfunction

" What is half-typed in tests or settings of other file types stays out of the way.
function! Undoes() abort
  edit $ROUTE_WORK/greenhouse/greenhouse.route
  setfiletype route
  set filetype=text
  call assert_equal('', &indentexpr)
  call assert_notmatch('routec', &makeprg)
endfunction

for name in ['Detects', 'Shows', 'Indents', 'Makes', 'Undoes']
  try
    call call(name, [])
  catch
    call add(v:errors, name . ': ' . v:exception . ' at ' . v:throwpoint)
  endtry
  verbose echo (empty(v:errors) ? 'ok' : 'FAILED') 'vim:' tolower(name)
endfor
verbose echo join(v:errors, "\n")
exe empty(v:errors) ? 'qall!' : 'cquit!'

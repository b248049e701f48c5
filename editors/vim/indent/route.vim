" Indents as `routec fmt` does: a level for what stands in brackets, one for a line that goes on with `or`, `and` or `except` or in
" a list of paths, and two for one that goes on with `->`.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GetRouteIndent() indentkeys=0{,0},0),0],!^F,o,O,0=->,0=or,0=and,0=except
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*GetRouteIndent')
  finish
endif
let s:cpo = &cpo
set cpo&vim

let s:goes_on = '^\s*\%(->\|\%(or\|and\|except\)\>\)'

" A line without texts, regular expressions and comments, whose brackets do not count.
function! s:Bare(lnum) abort
  let line = substitute(getline(a:lnum), '"\%(\\.\|[^"\\]\)*"\=', '', 'g')
  let line = substitute(line, '//.*', '', '')
  return substitute(line, '\%(\~\|\<matches\s\+\)\zs/\%(\\.\|[^/\\]\)*/', '', 'g')
endfunction

" The line whose bracket is still open before a line, or 0.
function! s:Opener(lnum) abort
  let closed = 0
  for lnum in range(a:lnum - 1, 1, -1)
    for char in reverse(split(s:Bare(lnum), '\zs'))
      if char =~# '[])}]'
        let closed += 1
      elseif char =~# '[[({]'
        if closed == 0
          return lnum
        endif
        let closed -= 1
      endif
    endfor
  endfor
  return 0
endfunction

" The line that a line goes on from.
function! s:Begin(lnum) abort
  let lnum = a:lnum
  while lnum > 1 && getline(lnum) =~# s:goes_on
    let lnum = prevnonblank(lnum - 1)
  endwhile
  return lnum
endfunction

" Whether a line goes on in the paths of `only` or `omit`.
function! s:InPaths(lnum) abort
  let lnum = prevnonblank(a:lnum - 1)
  while lnum > 0 && s:Bare(lnum) =~# ',\s*$'
    if s:Bare(lnum) =~# '\<\%(only\|omit\)\>'
      return 1
    endif
    let lnum = prevnonblank(lnum - 1)
  endwhile
  return 0
endfunction

function! GetRouteIndent() abort
  let opener = s:Opener(v:lnum)
  let outer = opener == 0 ? -shiftwidth() : indent(s:Begin(opener))
  let line = getline(v:lnum)
  if line =~# '^\s*[])}]'
    return max([outer, 0])
  endif
  let level = outer + shiftwidth()
  if line =~# '^\s*->'
    return level + 2 * shiftwidth()
  endif
  return line =~# s:goes_on || s:InPaths(v:lnum) ? level + shiftwidth() : level
endfunction

let &cpo = s:cpo
unlet s:cpo

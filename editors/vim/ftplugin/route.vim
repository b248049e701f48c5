" Two spaces a level and `//` comments, as `routec fmt` writes them; `:make` checks the stack.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal shiftwidth=2 softtabstop=2 expandtab commentstring=//\ %s comments=:///,://
setlocal formatoptions-=t formatoptions+=croql
setlocal formatprg=routec\ fmt\ -
setlocal suffixesadd=.route include=^\\s*use\\s\\+\"
compiler routec
let b:undo_ftplugin = 'setlocal shiftwidth< softtabstop< expandtab< commentstring< comments< formatoptions< formatprg< suffixesadd< include< makeprg< errorformat<'

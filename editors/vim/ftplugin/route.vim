" Two spaces a level and `//` comments, as `routec fmt` writes them; `:make` checks the stack.
setlocal shiftwidth=2 softtabstop=2 expandtab commentstring=//\ %s comments=:///,://
setlocal makeprg=routec\ check\ --output-format\ concise\ % errorformat=%f:%l:%c:\ %m
setlocal formatprg=routec\ fmt\ -
let b:undo_ftplugin = 'setlocal shiftwidth< softtabstop< expandtab< commentstring< comments< makeprg< errorformat< formatprg<'

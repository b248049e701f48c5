" Vim syntax of the Route language.
" Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors
if exists('b:current_syntax')
  finish
endif
let s:cpo = &cpo
set cpo&vim
syn case match
syn iskeyword @,48-57,_,192-255
syn spell toplevel
syn sync fromstart

syn match routeSeparator_values18 /\v[,.:]/ contained
syn match routeBracket_values17 /\v[()[\]]/ contained
syn match routeSign_values16 /\v%(\=\=|\!\=|\<\=|\>\=|\.\.\<|\.\.|\<|\>|\+|\-|\*|\/|\%|\=)/ contained
syn match routeArrow_values15 /\v\-\>/ contained
syn match routeReference_values14 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*/ contained
syn match routeRoot_values13 /\v<%(msg|source|dest)>/ contained
syn match routeCall_values12 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*%(\()@=/ contained
syn match routeLiteral_values11 /\v<%(true|false|null)>/ contained
syn match routeWordOperator_values10 /\v<%(in|or|and|not|is|matches|contains|has|cidr)>/ contained
syn match routeWordOperator_values9_1 /\v<%(with)>/ contained contained
syn match routeWordOperator_values9 /\v<%(starts|ends)>%([ \t]+<%(with)>)@=/ nextgroup=routeWordOperator_values9_1 skipwhite contained
syn match routeType_values8_1 /\v<\K\k*/ contained contained
syn match routeWordOperator_values8 /\v<%(is)>%([ \t]+<\K\k*)@=/ nextgroup=routeType_values8_1 skipwhite contained
syn match routeFunction_values7 /\v<%(len|lower|upper|trim|abs|min|max|round|hash|size|ip|sample)>%(\()@=/ contained
syn match routeProperty_values6_1 /\v<\K\k*/ contained contained
syn match routeSeparator_values6 /\v%(\.)@<!\.%(<\K\k*)@=/ nextgroup=routeProperty_values6_1 skipwhite contained
syn match routeNumber_values5 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=\k@!/ contained
syn match routeUnit_values4_1 /\v%(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB)\k@!/ contained contained
syn match routeNumber_values4 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=%(%(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB)\k@!)@=/ nextgroup=routeUnit_values4_1 skipwhite contained
syn match routeUnit_values3_1 /\v%(ms|s|m|h|d)\k@!/ contained contained
syn match routeNumber_values3 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=%(%(ms|s|m|h|d)\k@!)@=/ nextgroup=routeUnit_values3_1 skipwhite contained
syn match routeUnit_values2_1 /\v\%\k@!%(\()@!/ contained contained
syn match routeNumber_values2 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=%(\%\k@!%(\()@!)@=/ nextgroup=routeUnit_values2_1 skipwhite contained
syn match routeUnit_values1_1 /\v\/%([0-9]%([0-9])*%(\.[0-9]%([0-9])*)=)=%(ms|s|m|h|d)\k@!/ contained contained
syn match routeNumber_values1 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=%(\/%([0-9]%([0-9])*%(\.[0-9]%([0-9])*)=)=%(ms|s|m|h|d)\k@!)@=/ nextgroup=routeUnit_values1_1 skipwhite contained
syn match routeRegex_values0 /\v%(%(%(\=|\(|\[|\,|\:|<matches|<in|<and|<or|<not|<when|<by|<per|<where|<contains|<with))@<=[ \t]*)@<=\/%(\/)@!%(\\.|\[%(%(\\.|[^\]\\]))*\]|[^/\\])%(%(\\.|\[%(%(\\.|[^\]\\]))*\]|[^/\\]))*\// contained
syn region routeIn_router_block matchgroup=routeBracket_router_blockBegin start=/\v\{/ matchgroup=routeBracket_router_blockEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_router_block contained
syn region routeIn_call_block matchgroup=routeBracket_call_blockBegin start=/\v\{/ matchgroup=routeBracket_call_blockEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_call_block contained
syn match routeSeparator_ends12 /\v[.,]/ contained
syn match routeBracket_ends11 /\v[()]/ contained
syn match routeAll_ends10 /\v\*/ contained
syn match routeArrow_ends9 /\v\-\>/ contained
syn match routeReference_ends8 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*/ contained
syn match routeNumber_ends7_1 /\v[0-9]%([0-9])*/ contained contained
syn match routeSeparator_ends7 /\v\.%([ \t]*[0-9]%([0-9])*)@=/ nextgroup=routeNumber_ends7_1 skipwhite contained
syn match routeWordOperator_ends6 /\v<%(in|or|and)>/ contained
syn match routeSelector_ends5 /\v<%(node|tab|group|subflow|type|id|except)>/ contained
syn match routeClause_ends4_1 /\v<%(to)>/ contained contained
syn match routeSelector_ends4 /\v<%(next)>%([ \t]+<%(to)>)@=/ nextgroup=routeClause_ends4_1 skipwhite contained
syn match routeClause_ends3_1 /\v<%(of)>/ contained contained
syn match routeSelector_ends3 /\v<%(upstream|downstream)>%([ \t]+<%(of)>)@=/ nextgroup=routeClause_ends3_1 skipwhite contained
syn match routeRegex_ends2 /\v\~\/%(\/)@!%(\\.|\[%(%(\\.|[^\]\\]))*\]|[^/\\])%(%(\\.|\[%(%(\\.|[^\]\\]))*\]|[^/\\]))*\// contained
syn match routeNumber_replies6 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=\k@!/ contained
syn region routeIn_object matchgroup=routeBracket_objectBegin start=/\v\{/ matchgroup=routeBracket_objectEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_object contained
syn match routeStep_outcome10 /\v<%(times)>/ contained
syn match routeWordOperator_outcome9 /\v<%(with)>/ contained
syn match routeClause_outcome8 /\v<%(by|to)>/ contained
syn match routeClause_outcome7 /\v<%(delivered|error)>/ contained
syn match routeWordOperator_outcome6 /\v<%(not)>/ contained
syn match routeSeparator_types9 /\v[,:]/ contained
syn match routeBracket_types8 /\v[[\]]/ contained
syn match routeSign_types7 /\v[|?\-]/ contained
syn match routeType_types6 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|in|or|and|not|is|matches|contains)>)@!\K\k*/ contained
syn match routeClause_send3 /\v<%(every)>/ contained
syn match routeStep_send2 /\v<%(times)>/ contained
syn match routeStep_replies4 /\v<%(send)>/ contained
syn match routeStep_outcome5 /\v<%(no|redirected|stopped|held|sent|nothing)>/ contained
syn match routeReference_outcome4_1 /\v<\K\k*/ contained contained
syn match routeClause_outcome4 /\v<%(by)>%([ \t]+<\K\k*)@=/ nextgroup=routeReference_outcome4_1 skipwhite contained
syn match routeReference_outcome3_1 /\v<\K\k*/ contained contained
syn match routeRouter_outcome3 /\v<%(tap)>%([ \t]+<\K\k*)@=/ nextgroup=routeReference_outcome3_1 skipwhite contained
syn match routeBracket_file1 /\v\}/
syn match routeRouter_items16 /\v<%(filter|halt|tap|break|remote|set|redirect|limit|call)>/
syn match routeNumber_types5 /\v\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=\k@!/ contained
syn match routeNumber_types4 /\v\-\k@1<![0-9]%([0-9])*%(\.[0-9]%([0-9])*)=%([eE]%([+\-])=[0-9]%([0-9])*)=\k@!/ contained
syn match routeLiteral_types3 /\v<%(true|false|null)>/ contained
syn match routeItem_items15 /\v<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|test|allow)>/
syn region routeIn_place matchgroup=routeItem_placeBegin start=/\v<%(place)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_place
syn region routeIn_carry matchgroup=routeItem_carryBegin start=/\v<%(carry)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_carry
syn region routeIn_call matchgroup=routeRouter_callBegin start=/\v<%(call)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(\})@<=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_call
syn region routeIn_router matchgroup=routeRouter_routerBegin start=/\v<%(filter|halt|tap|break|remote|set|redirect|limit)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(\})@<=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_router
syn region routeIn_test matchgroup=routeItem_testBegin start=/\v<%(test)>/ matchgroup=NONE end=/\v%(%(\})@<=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_test
syn region routeIn_runtime matchgroup=routeItem_runtimeBegin start=/\v<%(runtime)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(\})@<=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_runtime
syn region routeIn_schema matchgroup=routeItem_schemaBegin start=/\v<%(schema)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(\})@<=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_schema
syn region routeIn_predicate matchgroup=routeItem_predicateBegin start=/\v<%(predicate)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_predicate
syn region routeIn_let matchgroup=routeItem_letBegin start=/\v<%(let)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_let
syn region routeIn_value matchgroup=routeItem_valueBegin start=/\v<%(const|param)>%([ \t]+<\K\k*)@=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_value
syn region routeIn_layer matchgroup=routeBracket_layerBegin start=/\v\{/ matchgroup=routeBracket_layerEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_layer
syn match routeNameSpace_items3_1 /\v<\K\k*/ contained
syn match routeItem_items3 /\v<%(stack|layer)>%([ \t]+<\K\k*)@=/ nextgroup=routeNameSpace_items3_1 skipwhite
syn match routeBracket_items2_3 /\v\)/ contained
syn match routeCode_items2_2 /\v<\K\k*%([A-Za-z0-9_\-])*/ nextgroup=routeBracket_items2_3 skipwhite contained
syn match routeBracket_items2_1 /\v\(/ nextgroup=routeCode_items2_2 skipwhite contained
syn match routeItem_items2 /\v<%(allow)>%([ \t]*\([ \t]*<\K\k*%([A-Za-z0-9_\-])*[ \t]*\))@=/ nextgroup=routeBracket_items2_1 skipwhite
syn region routeIn_where matchgroup=routeStep_whereBegin start=/\v<%(where)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_where contained
syn region routeIn_test_block matchgroup=routeBracket_test_blockBegin start=/\v\{/ matchgroup=routeBracket_test_blockEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_test_block contained
syn match routeClause_replies3 /\v<%(pass|to)>/ contained
syn region routeIn_reply_when matchgroup=routeClause_reply_whenBegin start=/\v<%(when)>/ matchgroup=NONE end=/\v%(%(<%(send|pass)>|\}))@=/ contains=@routeC_reply_when contained
syn region routeIn_fields matchgroup=routeBracket_fieldsBegin start=/\v\{/ matchgroup=routeBracket_fieldsEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_fields contained
syn region routeText_text matchgroup=routeText_textBegin start=/\v\"/ matchgroup=routeText_textEnd end=/\v%(\"|$)/ contains=@routeC_text
syn match routeStep_clauses14 /\v<%(send|expect|times|where|stub|advance)>/ contained
syn match routeClause_clauses13 /\v<%(on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over)>/ contained
syn match routeRouter_clauses12 /\v<%(filter|halt|tap|break|remote|set|redirect|limit|call)>/ contained
syn match routeItem_clauses11 /\v<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|test|allow)>/ contained
syn match routeRouter_clauses10_2 /\v<%(halt)>/ contained contained
syn match routeClause_clauses10_1 /\v<%(fault)>/ nextgroup=routeRouter_clauses10_2 skipwhite contained contained
syn match routeClause_clauses10 /\v<%(on)>%([ \t]+<%(fault)>[ \t]+<%(halt)>)@=/ nextgroup=routeClause_clauses10_1 skipwhite contained
syn match routeClause_clauses9_2 /\v<%(pass|error)>/ contained contained
syn match routeClause_clauses9_1 /\v<%(fault)>/ nextgroup=routeClause_clauses9_2 skipwhite contained contained
syn match routeClause_clauses9 /\v<%(on)>%([ \t]+<%(fault)>[ \t]+<%(pass|error)>)@=/ nextgroup=routeClause_clauses9_1 skipwhite contained
syn match routeClause_clauses8_1 /\v<%(stored|delivered)>/ contained contained
syn match routeClause_clauses8 /\v<%(ack)>%([ \t]+<%(stored|delivered)>)@=/ nextgroup=routeClause_clauses8_1 skipwhite contained
syn match routeClause_clauses7_1 /\v<%(spool|pass|error)>/ contained contained
syn match routeClause_clauses7 /\v<%(unreachable)>%([ \t]+<%(spool|pass|error)>)@=/ nextgroup=routeClause_clauses7_1 skipwhite contained
syn match routeClause_clauses6_1 /\v<%(pass|drop)>/ contained contained
syn match routeClause_clauses6 /\v<%(then)>%([ \t]+<%(pass|drop)>)@=/ nextgroup=routeClause_clauses6_1 skipwhite contained
syn match routeClause_clauses5_1 /\v<%(drop|block)>/ contained contained
syn match routeClause_clauses5 /\v<%(full)>%([ \t]+<%(drop|block)>)@=/ nextgroup=routeClause_clauses5_1 skipwhite contained
syn match routeClause_clauses4_1 /\v<%(most)>/ contained contained
syn match routeClause_clauses4 /\v<%(at)>%([ \t]+<%(most)>)@=/ nextgroup=routeClause_clauses4_1 skipwhite contained
syn match routeClause_clauses3_1 /\v<%(error)>/ contained contained
syn match routeClause_clauses3 /\v<%(as)>%([ \t]+<%(error)>)@=/ nextgroup=routeClause_clauses3_1 skipwhite contained
syn region routeText_log_text matchgroup=routeText_log_textBegin start=/\v%(%(log|log\ ))@<=\"/ matchgroup=routeText_log_textEnd end=/\v%(\"|$)/ contains=@routeC_log_text contained
syn match routeRouter_runtime_clauses5 /\v<%(limit)>/ contained
syn match routeClause_runtime_clauses4 /\v<%(tags|durable)>/ contained
syn match routeSink_runtime_clauses3 /\v<%(zenoh|nats|mqtt)>/ contained
syn match routeSeparator_params2 /\v\,/ contained
syn region routeIn_tags matchgroup=routeClause_tagsBegin start=/\v<%(tags)>%([ \t]*\{)@=/ matchgroup=routeBracket_tagsEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_tags contained
syn match routeProperty_runtime_clauses1_1 /\v<\K\k*/ contained contained
syn match routeRouter_runtime_clauses1 /\v<%(limit)>%([ \t]+<\K\k*)@=/ nextgroup=routeProperty_runtime_clauses1_1 skipwhite contained
syn match routeParameter_params1 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*/ contained
syn region routeIn_value_body matchgroup=routeSign_value_bodyBegin start=/\v\=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_value_body contained
syn region routeIn_target matchgroup=routeClause_targetBegin start=/\v<%(to)>/ matchgroup=NONE end=/\v%(%(<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|within|over|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>|<%(msg|source|dest)>%([.[])@=|\}))@=/ contains=@routeC_target contained
syn region routeIn_stub_block matchgroup=routeBracket_stub_blockBegin start=/\v\{/ matchgroup=routeBracket_stub_blockEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_stub_block contained
syn match routeClause_steps7 /\v<%(unreachable)>/ contained
syn match routeReference_steps6_1 /\v<\K\k*/ contained contained
syn match routeClause_steps6 /\v<%(unreachable)>%([ \t]+<\K\k*)@=/ nextgroup=routeReference_steps6_1 skipwhite contained
syn region routeIn_advance matchgroup=routeStep_advanceBegin start=/\v<%(advance)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_advance contained
syn region routeIn_stub matchgroup=routeStep_stubBegin start=/\v<%(stub)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_stub contained
syn region routeIn_send matchgroup=routeStep_sendBegin start=/\v<%(send)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_send contained
syn region routeIn_runtime_block matchgroup=routeBracket_runtime_blockBegin start=/\v\{/ matchgroup=routeBracket_runtime_blockEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_runtime_block contained
syn region routeIn_predicate_body matchgroup=routeSign_predicate_bodyBegin start=/\v\=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=/ contains=@routeC_predicate_body contained
syn region routeIn_params matchgroup=routeBracket_paramsBegin start=/\v\(/ matchgroup=routeBracket_paramsEnd end=/\v%(\)|%([{=}])@=)/ contains=@routeC_params contained
syn region routeIn_expectation matchgroup=routeStep_expectationBegin start=/\v<%(expect)>/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_expectation contained
syn region routeIn_outcome matchgroup=routeStep_outcomeBegin start=/\v<%(expect)>%([ \t]+%(<%(no)>|<%(delivered|redirected|stopped|held|sent|tap|error|nothing)>|<%(not)>[ \t]+<%(delivered|redirected|stopped|held|sent|tap|error|nothing)>))@=/ matchgroup=NONE end=/\v%(%(%(\.)@<!<%(send|expect|stub|advance|unreachable)>|\}))@=/ contains=@routeC_outcome contained
syn region routeIn_declared_type matchgroup=routeSeparator_declared_typeBegin start=/\v\:/ matchgroup=NONE end=/\v%(%(\=)@=|%(%(%(\.)@<!<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow)>|\}))@=)/ contains=@routeC_declared_type contained
syn match routeClause_file_options1 /\v<%(rotate|keep)>/ contained
syn match routeCall_call_clauses5 /\v%(%(^|%(\{)@<=)[ \t]*)@<=<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*%([ \t]*%(\}|\/\/|$))@=/ contained
syn match routeCall_call_clauses4 /\v<%(%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|by|within|over|in|or|and|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>)@!\K\k*%([ \t]*\{)@=/ contained
syn match routeClause_call_clauses3 /\v<%(on|when)>/ contained
syn match routeRouter_call_clauses2_2 /\v<%(halt)>/ contained contained
syn match routeClause_call_clauses2_1 /\v<%(fault)>/ nextgroup=routeRouter_call_clauses2_2 skipwhite contained contained
syn match routeClause_call_clauses2 /\v<%(on)>%([ \t]+<%(fault)>[ \t]+<%(halt)>)@=/ nextgroup=routeClause_call_clauses2_1 skipwhite contained
syn match routeClause_call_clauses1_2 /\v<%(pass|error)>/ contained contained
syn match routeClause_call_clauses1_1 /\v<%(fault)>/ nextgroup=routeClause_call_clauses1_2 skipwhite contained contained
syn match routeClause_call_clauses1 /\v<%(on)>%([ \t]+<%(fault)>[ \t]+<%(pass|error)>)@=/ nextgroup=routeClause_call_clauses1_1 skipwhite contained
syn match routeComment_comments1 /\v\/\/%(.)*/
syn match routeDoc_comments0 /\v\/\/\/%(\/)@!%(.)*/
syn match routeSink_target7 /\v<%(file|nats|mqtt|zenoh|otlp|counter)>%([ \t]*\")@=/ contained
syn match routeSink_target6 /\v<%(stdout|stream)>/ contained
syn match routeSign_let0 /\v\=/ contained
syn match routeClause_carry0 /\v<%(on)>/ contained
syn match routeReference_carryHead2 /\v%(<%(carry)>[ \t]+)@<=<\K\k*/ contained
syn match routeSeparator_pairs0_1 /\v\:/ contained contained
syn match routeProperty_pairs0 /\v<\K\k*%([ \t]*\:)@=/ nextgroup=routeSeparator_pairs0_1 skipwhite contained
syn match routeSeparator_fields1_1 /\v\:/ contained contained
syn match routeProperty_fields1 /\v<\K\k*%([ \t]*\:)@=/ nextgroup=routeSeparator_fields1_1 skipwhite contained
syn match routeSeparator_fields0_2 /\v\:/ contained contained
syn match routeSign_fields0_1 /\v\?/ nextgroup=routeSeparator_fields0_2 skipwhite contained contained
syn match routeProperty_fields0 /\v<\K\k*%([ \t]*\?[ \t]*\:)@=/ nextgroup=routeSign_fields0_1 skipwhite contained
syn match routeNameValue_valueHead2 /\v%(<%(const|param)>[ \t]+)@<=<\K\k*/ contained
syn match routeNameValue_letHead2 /\v%(<%(let)>[ \t]+)@<=<\K\k*/ contained
syn match routeNameSpace_runtimeHead2 /\v%(<%(runtime)>[ \t]+)@<=<\K\k*/ contained
syn match routeNameSchema_schemaHead2 /\v%(<%(schema)>[ \t]+)@<=<\K\k*/ contained
syn match routeClause_router0 /\v<%(on)>/ contained
syn match routeNameRouter_routerHead2 /\v%(<%(filter|halt|tap|break|remote|set|redirect|limit)>[ \t]+)@<=<\K\k*/ contained
syn match routeClause_call0 /\v<%(on)>/ contained
syn match routeNameRouter_callHead2 /\v%(<%(call)>[ \t]+)@<=<\K\k*/ contained
syn match routeNamePredicate_predicateHead2 /\v%(<%(predicate)>[ \t]+)@<=<\K\k*/ contained
syn match routeClause_target5 /\v<%(by)>/ contained
syn match routeClause_target4_1 /\v<%(latency|order)>/ contained contained
syn match routeClause_target4 /\v<%(by)>%([ \t]+<%(latency|order)>)@=/ nextgroup=routeClause_target4_1 skipwhite contained
syn match routeClause_target3_2 /\v<%(robin)>/ contained contained
syn match routeClause_target3_1 /\v<%(round)>/ nextgroup=routeClause_target3_2 skipwhite contained contained
syn match routeClause_target3 /\v<%(by)>%([ \t]+<%(round)>[ \t]+<%(robin)>)@=/ nextgroup=routeClause_target3_1 skipwhite contained
syn match routeClause_target2_1 /\v<%(of)>/ contained contained
syn match routeClause_target2 /\v<%(one)>%([ \t]+<%(of)>)@=/ nextgroup=routeClause_target2_1 skipwhite contained
syn region routeIn_file_options matchgroup=routeBracket_file_optionsBegin start=/\v\{/ matchgroup=routeBracket_file_optionsEnd end=/\v%(\}|^%([ \t]*%(<%(filter|halt|tap|break|remote|set|redirect|limit|call|carry)>[ \t]+<\K\k*[ \t]*<%(on)>|<%(use|test)>[ \t]+\"|<%(layer|schema|runtime)>[ \t]+<\K\k*[ \t]*\{|<%(const|param|let)>[ \t]+<\K\k*[ \t]*[:=]|<%(predicate)>[ \t]+<\K\k*|<%(stack)>[ \t]+<\K\k*[ \t]*$|<%(place)>[ \t]+))@=)/ contains=@routeC_file_options contained
syn region routeIn_hash_key matchgroup=routeClause_hash_keyBegin start=/\v<%(by)>%([ \t]+<%(hash)>)@=/ matchgroup=NONE end=/\v%(%(<%(stack|use|layer|const|param|let|predicate|schema|carry|runtime|place|filter|halt|tap|break|remote|set|redirect|limit|call|test|allow|on|when|keep|drop|reason|as|to|omit|only|every|at|burst|per|full|hits|hold|for|then|log|unreachable|ttl|ack|delete|distinct|within|over|not|is|matches|contains|has|cidr|true|false|null|send|expect|times|where|stub|advance)>|\}))@=/ contains=@routeC_hash_key contained
syn region routeIn_embedded matchgroup=routeEmbed_embeddedBegin start=/\v\{%(%([^}"])*\})@=/ matchgroup=routeEmbed_embeddedEnd end=/\v%(\}|%(\")@=|$)/ contains=@routeC_embedded contained
syn match routeEscape_log_text1 /\v\{\{/ contained
syn match routeEscape_escapes0 /\v\\%(u\{[0-9A-Fa-f]%([0-9A-Fa-f])*\}|.)/ contained
syn match routeReference_place0_1 /\v<\K\k*/ contained contained
syn match routeClause_place0 /\v<%(on)>%([ \t]+<\K\k*)@=/ nextgroup=routeReference_place0_1 skipwhite contained
syn match routeClause_hash_keyHead2 /\v%(<%(by)>[ \t]+)@<=<%(hash)>/ contained
syn match routeBracket_tagsHead2 /\v%(<%(tags)>[ \t]*)@<=\{/ contained

syn cluster routeC_advance contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_call contains=routeNameRouter_callHead2,routeClause_call0,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12,routeIn_call_block
syn cluster routeC_call_block contains=routeDoc_comments0,routeComment_comments1,routeClause_call_clauses1,routeClause_call_clauses2,routeClause_call_clauses3,routeCall_call_clauses4,routeCall_call_clauses5,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_call_clauses contains=routeDoc_comments0,routeComment_comments1,routeClause_call_clauses1,routeClause_call_clauses2,routeClause_call_clauses3,routeCall_call_clauses4,routeCall_call_clauses5,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_carry contains=routeReference_carryHead2,routeClause_carry0,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_clauses contains=routeDoc_comments0,routeComment_comments1,routeIn_target,routeText_log_text,routeClause_clauses3,routeClause_clauses4,routeClause_clauses5,routeClause_clauses6,routeClause_clauses7,routeClause_clauses8,routeClause_clauses9,routeClause_clauses10,routeItem_clauses11,routeRouter_clauses12,routeClause_clauses13,routeStep_clauses14,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_comments contains=routeDoc_comments0,routeComment_comments1
syn cluster routeC_declared_type contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_fields,routeLiteral_types3,routeNumber_types4,routeNumber_types5,routeType_types6,routeSign_types7,routeBracket_types8,routeSeparator_types9
syn cluster routeC_embedded contains=routeEscape_escapes0,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_ends contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_escapes contains=routeEscape_escapes0
syn cluster routeC_expectation contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_expr contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_fields contains=routeProperty_fields0,routeProperty_fields1,routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_fields,routeLiteral_types3,routeNumber_types4,routeNumber_types5,routeType_types6,routeSign_types7,routeBracket_types8,routeSeparator_types9
syn cluster routeC_file contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeItem_items2,routeItem_items3,routeIn_layer,routeIn_value,routeIn_let,routeIn_predicate,routeIn_schema,routeIn_runtime,routeIn_test,routeIn_router,routeIn_call,routeIn_carry,routeIn_place,routeItem_items15,routeRouter_items16,routeBracket_file1
syn cluster routeC_file_options contains=routeDoc_comments0,routeComment_comments1,routeClause_file_options1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_hash_key contains=routeClause_hash_keyHead2,routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_items contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeItem_items2,routeItem_items3,routeIn_layer,routeIn_value,routeIn_let,routeIn_predicate,routeIn_schema,routeIn_runtime,routeIn_test,routeIn_router,routeIn_call,routeIn_carry,routeIn_place,routeItem_items15,routeRouter_items16
syn cluster routeC_layer contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeItem_items2,routeItem_items3,routeIn_layer,routeIn_value,routeIn_let,routeIn_predicate,routeIn_schema,routeIn_runtime,routeIn_test,routeIn_router,routeIn_call,routeIn_carry,routeIn_place,routeItem_items15,routeRouter_items16
syn cluster routeC_let contains=routeNameValue_letHead2,routeSign_let0,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_log_text contains=routeEscape_escapes0,routeEscape_log_text1,routeIn_embedded
syn cluster routeC_object contains=routeProperty_pairs0,routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_outcome contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_where,routeRouter_outcome3,routeClause_outcome4,routeStep_outcome5,routeWordOperator_outcome6,routeClause_outcome7,routeClause_outcome8,routeWordOperator_outcome9,routeStep_outcome10,routeIn_object,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_pairs contains=routeProperty_pairs0,routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_params contains=routeDoc_comments0,routeComment_comments1,routeParameter_params1,routeSeparator_params2
syn cluster routeC_place contains=routeClause_place0,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_predicate contains=routeNamePredicate_predicateHead2,routeDoc_comments0,routeComment_comments1,routeIn_params,routeIn_predicate_body
syn cluster routeC_predicate_body contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_replies contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_reply_when,routeClause_replies3,routeStep_replies4,routeIn_object,routeNumber_replies6
syn cluster routeC_reply_when contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_router contains=routeNameRouter_routerHead2,routeClause_router0,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12,routeIn_router_block
syn cluster routeC_router_block contains=routeDoc_comments0,routeComment_comments1,routeIn_target,routeText_log_text,routeClause_clauses3,routeClause_clauses4,routeClause_clauses5,routeClause_clauses6,routeClause_clauses7,routeClause_clauses8,routeClause_clauses9,routeClause_clauses10,routeItem_clauses11,routeRouter_clauses12,routeClause_clauses13,routeStep_clauses14,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_runtime contains=routeNameSpace_runtimeHead2,routeDoc_comments0,routeComment_comments1,routeIn_runtime_block
syn cluster routeC_runtime_block contains=routeDoc_comments0,routeComment_comments1,routeRouter_runtime_clauses1,routeIn_tags,routeSink_runtime_clauses3,routeClause_runtime_clauses4,routeRouter_runtime_clauses5,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_runtime_clauses contains=routeDoc_comments0,routeComment_comments1,routeRouter_runtime_clauses1,routeIn_tags,routeSink_runtime_clauses3,routeClause_runtime_clauses4,routeRouter_runtime_clauses5,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_schema contains=routeNameSchema_schemaHead2,routeDoc_comments0,routeComment_comments1,routeIn_fields
syn cluster routeC_send contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeStep_send2,routeClause_send3,routeIn_object,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_steps contains=routeDoc_comments0,routeComment_comments1,routeIn_outcome,routeIn_expectation,routeIn_send,routeIn_stub,routeIn_advance,routeClause_steps6,routeClause_steps7
syn cluster routeC_stub contains=routeDoc_comments0,routeComment_comments1,routeIn_stub_block,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_stub_block contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_reply_when,routeClause_replies3,routeStep_replies4,routeIn_object,routeNumber_replies6
syn cluster routeC_tags contains=routeBracket_tagsHead2,routeProperty_pairs0,routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_target contains=routeIn_hash_key,routeIn_file_options,routeClause_target2,routeClause_target3,routeClause_target4,routeClause_target5,routeSink_target6,routeSink_target7,routeDoc_comments0,routeComment_comments1,routeText_text,routeRegex_ends2,routeSelector_ends3,routeSelector_ends4,routeSelector_ends5,routeWordOperator_ends6,routeSeparator_ends7,routeReference_ends8,routeArrow_ends9,routeAll_ends10,routeBracket_ends11,routeSeparator_ends12
syn cluster routeC_targets contains=routeIn_target
syn cluster routeC_test contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_test_block
syn cluster routeC_test_block contains=routeDoc_comments0,routeComment_comments1,routeIn_outcome,routeIn_expectation,routeIn_send,routeIn_stub,routeIn_advance,routeClause_steps6,routeClause_steps7
syn cluster routeC_text contains=routeEscape_escapes0
syn cluster routeC_texts contains=routeText_text
syn cluster routeC_types contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_fields,routeLiteral_types3,routeNumber_types4,routeNumber_types5,routeType_types6,routeSign_types7,routeBracket_types8,routeSeparator_types9
syn cluster routeC_value contains=routeNameValue_valueHead2,routeDoc_comments0,routeComment_comments1,routeIn_declared_type,routeIn_value_body
syn cluster routeC_value_body contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_values contains=routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18
syn cluster routeC_where contains=routeDoc_comments0,routeComment_comments1,routeText_text,routeIn_object,routeRegex_values0,routeNumber_values1,routeNumber_values2,routeNumber_values3,routeNumber_values4,routeNumber_values5,routeSeparator_values6,routeFunction_values7,routeWordOperator_values8,routeWordOperator_values9,routeWordOperator_values10,routeLiteral_values11,routeCall_values12,routeRoot_values13,routeReference_values14,routeArrow_values15,routeSign_values16,routeBracket_values17,routeSeparator_values18

hi def link routeAll_ends10 routeAll
hi def link routeArrow_ends9 routeArrow
hi def link routeArrow_values15 routeArrow
hi def link routeBracket_call_blockBegin routeBracket
hi def link routeBracket_call_blockEnd routeBracket
hi def link routeBracket_ends11 routeBracket
hi def link routeBracket_fieldsBegin routeBracket
hi def link routeBracket_fieldsEnd routeBracket
hi def link routeBracket_file1 routeBracket
hi def link routeBracket_file_optionsBegin routeBracket
hi def link routeBracket_file_optionsEnd routeBracket
hi def link routeBracket_items2_1 routeBracket
hi def link routeBracket_items2_3 routeBracket
hi def link routeBracket_layerBegin routeBracket
hi def link routeBracket_layerEnd routeBracket
hi def link routeBracket_objectBegin routeBracket
hi def link routeBracket_objectEnd routeBracket
hi def link routeBracket_paramsBegin routeBracket
hi def link routeBracket_paramsEnd routeBracket
hi def link routeBracket_router_blockBegin routeBracket
hi def link routeBracket_router_blockEnd routeBracket
hi def link routeBracket_runtime_blockBegin routeBracket
hi def link routeBracket_runtime_blockEnd routeBracket
hi def link routeBracket_stub_blockBegin routeBracket
hi def link routeBracket_stub_blockEnd routeBracket
hi def link routeBracket_tagsEnd routeBracket
hi def link routeBracket_tagsHead2 routeBracket
hi def link routeBracket_test_blockBegin routeBracket
hi def link routeBracket_test_blockEnd routeBracket
hi def link routeBracket_types8 routeBracket
hi def link routeBracket_values17 routeBracket
hi def link routeCall_call_clauses4 routeCall
hi def link routeCall_call_clauses5 routeCall
hi def link routeCall_values12 routeCall
hi def link routeClause_call0 routeClause
hi def link routeClause_call_clauses1 routeClause
hi def link routeClause_call_clauses1_1 routeClause
hi def link routeClause_call_clauses1_2 routeClause
hi def link routeClause_call_clauses2 routeClause
hi def link routeClause_call_clauses2_1 routeClause
hi def link routeClause_call_clauses3 routeClause
hi def link routeClause_carry0 routeClause
hi def link routeClause_clauses10 routeClause
hi def link routeClause_clauses10_1 routeClause
hi def link routeClause_clauses13 routeClause
hi def link routeClause_clauses3 routeClause
hi def link routeClause_clauses3_1 routeClause
hi def link routeClause_clauses4 routeClause
hi def link routeClause_clauses4_1 routeClause
hi def link routeClause_clauses5 routeClause
hi def link routeClause_clauses5_1 routeClause
hi def link routeClause_clauses6 routeClause
hi def link routeClause_clauses6_1 routeClause
hi def link routeClause_clauses7 routeClause
hi def link routeClause_clauses7_1 routeClause
hi def link routeClause_clauses8 routeClause
hi def link routeClause_clauses8_1 routeClause
hi def link routeClause_clauses9 routeClause
hi def link routeClause_clauses9_1 routeClause
hi def link routeClause_clauses9_2 routeClause
hi def link routeClause_ends3_1 routeClause
hi def link routeClause_ends4_1 routeClause
hi def link routeClause_file_options1 routeClause
hi def link routeClause_hash_keyBegin routeClause
hi def link routeClause_hash_keyHead2 routeClause
hi def link routeClause_outcome4 routeClause
hi def link routeClause_outcome7 routeClause
hi def link routeClause_outcome8 routeClause
hi def link routeClause_place0 routeClause
hi def link routeClause_replies3 routeClause
hi def link routeClause_reply_whenBegin routeClause
hi def link routeClause_router0 routeClause
hi def link routeClause_runtime_clauses4 routeClause
hi def link routeClause_send3 routeClause
hi def link routeClause_steps6 routeClause
hi def link routeClause_steps7 routeClause
hi def link routeClause_tagsBegin routeClause
hi def link routeClause_target2 routeClause
hi def link routeClause_target2_1 routeClause
hi def link routeClause_target3 routeClause
hi def link routeClause_target3_1 routeClause
hi def link routeClause_target3_2 routeClause
hi def link routeClause_target4 routeClause
hi def link routeClause_target4_1 routeClause
hi def link routeClause_target5 routeClause
hi def link routeClause_targetBegin routeClause
hi def link routeCode_items2_2 routeCode
hi def link routeComment_comments1 routeComment
hi def link routeDoc_comments0 routeDoc
hi def link routeEmbed_embeddedBegin routeEmbed
hi def link routeEmbed_embeddedEnd routeEmbed
hi def link routeEscape_escapes0 routeEscape
hi def link routeEscape_log_text1 routeEscape
hi def link routeFunction_values7 routeFunction
hi def link routeItem_carryBegin routeItem
hi def link routeItem_clauses11 routeItem
hi def link routeItem_items15 routeItem
hi def link routeItem_items2 routeItem
hi def link routeItem_items3 routeItem
hi def link routeItem_letBegin routeItem
hi def link routeItem_placeBegin routeItem
hi def link routeItem_predicateBegin routeItem
hi def link routeItem_runtimeBegin routeItem
hi def link routeItem_schemaBegin routeItem
hi def link routeItem_testBegin routeItem
hi def link routeItem_valueBegin routeItem
hi def link routeLiteral_types3 routeLiteral
hi def link routeLiteral_values11 routeLiteral
hi def link routeNamePredicate_predicateHead2 routeNamePredicate
hi def link routeNameRouter_callHead2 routeNameRouter
hi def link routeNameRouter_routerHead2 routeNameRouter
hi def link routeNameSchema_schemaHead2 routeNameSchema
hi def link routeNameSpace_items3_1 routeNameSpace
hi def link routeNameSpace_runtimeHead2 routeNameSpace
hi def link routeNameValue_letHead2 routeNameValue
hi def link routeNameValue_valueHead2 routeNameValue
hi def link routeNumber_ends7_1 routeNumber
hi def link routeNumber_replies6 routeNumber
hi def link routeNumber_types4 routeNumber
hi def link routeNumber_types5 routeNumber
hi def link routeNumber_values1 routeNumber
hi def link routeNumber_values2 routeNumber
hi def link routeNumber_values3 routeNumber
hi def link routeNumber_values4 routeNumber
hi def link routeNumber_values5 routeNumber
hi def link routeParameter_params1 routeParameter
hi def link routeProperty_fields0 routeProperty
hi def link routeProperty_fields1 routeProperty
hi def link routeProperty_pairs0 routeProperty
hi def link routeProperty_runtime_clauses1_1 routeProperty
hi def link routeProperty_values6_1 routeProperty
hi def link routeReference_carryHead2 routeReference
hi def link routeReference_ends8 routeReference
hi def link routeReference_outcome3_1 routeReference
hi def link routeReference_outcome4_1 routeReference
hi def link routeReference_place0_1 routeReference
hi def link routeReference_steps6_1 routeReference
hi def link routeReference_values14 routeReference
hi def link routeRegex_ends2 routeRegex
hi def link routeRegex_values0 routeRegex
hi def link routeRoot_values13 routeRoot
hi def link routeRouter_callBegin routeRouter
hi def link routeRouter_call_clauses2_2 routeRouter
hi def link routeRouter_clauses10_2 routeRouter
hi def link routeRouter_clauses12 routeRouter
hi def link routeRouter_items16 routeRouter
hi def link routeRouter_outcome3 routeRouter
hi def link routeRouter_routerBegin routeRouter
hi def link routeRouter_runtime_clauses1 routeRouter
hi def link routeRouter_runtime_clauses5 routeRouter
hi def link routeSelector_ends3 routeSelector
hi def link routeSelector_ends4 routeSelector
hi def link routeSelector_ends5 routeSelector
hi def link routeSeparator_declared_typeBegin routeSeparator
hi def link routeSeparator_ends12 routeSeparator
hi def link routeSeparator_ends7 routeSeparator
hi def link routeSeparator_fields0_2 routeSeparator
hi def link routeSeparator_fields1_1 routeSeparator
hi def link routeSeparator_pairs0_1 routeSeparator
hi def link routeSeparator_params2 routeSeparator
hi def link routeSeparator_types9 routeSeparator
hi def link routeSeparator_values18 routeSeparator
hi def link routeSeparator_values6 routeSeparator
hi def link routeSign_fields0_1 routeSign
hi def link routeSign_let0 routeSign
hi def link routeSign_predicate_bodyBegin routeSign
hi def link routeSign_types7 routeSign
hi def link routeSign_value_bodyBegin routeSign
hi def link routeSign_values16 routeSign
hi def link routeSink_runtime_clauses3 routeSink
hi def link routeSink_target6 routeSink
hi def link routeSink_target7 routeSink
hi def link routeStep_advanceBegin routeStep
hi def link routeStep_clauses14 routeStep
hi def link routeStep_expectationBegin routeStep
hi def link routeStep_outcome10 routeStep
hi def link routeStep_outcome5 routeStep
hi def link routeStep_outcomeBegin routeStep
hi def link routeStep_replies4 routeStep
hi def link routeStep_send2 routeStep
hi def link routeStep_sendBegin routeStep
hi def link routeStep_stubBegin routeStep
hi def link routeStep_whereBegin routeStep
hi def link routeText_log_text routeText
hi def link routeText_log_textBegin routeText
hi def link routeText_log_textEnd routeText
hi def link routeText_text routeText
hi def link routeText_textBegin routeText
hi def link routeText_textEnd routeText
hi def link routeType_types6 routeType
hi def link routeType_values8_1 routeType
hi def link routeUnit_values1_1 routeUnit
hi def link routeUnit_values2_1 routeUnit
hi def link routeUnit_values3_1 routeUnit
hi def link routeUnit_values4_1 routeUnit
hi def link routeWordOperator_ends6 routeWordOperator
hi def link routeWordOperator_outcome6 routeWordOperator
hi def link routeWordOperator_outcome9 routeWordOperator
hi def link routeWordOperator_values10 routeWordOperator
hi def link routeWordOperator_values8 routeWordOperator
hi def link routeWordOperator_values9 routeWordOperator
hi def link routeWordOperator_values9_1 routeWordOperator
hi def link routeComment Comment
hi def link routeDoc SpecialComment
hi def link routeText String
hi def link routeEscape SpecialChar
hi def link routeEmbed Special
hi def link routeRegex String
hi def link routeNumber Number
hi def link routeUnit Number
hi def link routeItem Structure
hi def link routeRouter Statement
hi def link routeClause Keyword
hi def link routeSink Type
hi def link routeSelector StorageClass
hi def link routeWordOperator Operator
hi def link routeLiteral Boolean
hi def link routeStep Statement
hi def link routeFunction Function
hi def link routeCall Function
hi def link routeType Type
hi def link routeRoot Special
hi def link routeProperty Identifier
hi def link routeReference Identifier
hi def link routeParameter Identifier
hi def link routeNameSpace PreProc
hi def link routeNameRouter Function
hi def link routeNamePredicate Function
hi def link routeNameValue Constant
hi def link routeNameSchema Typedef
hi def link routeCode Constant
hi def link routeAll Special
hi def link routeArrow Operator
hi def link routeSign Operator
hi def link routeBracket Delimiter
hi def link routeSeparator Delimiter

let b:current_syntax = 'route'
let &cpo = s:cpo
unlet s:cpo

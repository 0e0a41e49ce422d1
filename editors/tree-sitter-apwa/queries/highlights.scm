; No two patterns take one node for different things, so that the order in which an editor applies them does not matter.

(comment) @comment
(doc_comment) @comment.documentation

[
  "param" "record" "table" "model" "tool" "task" "split" "flow" "test"
] @keyword

[
  "map" "over" "keep" "reduce" "by" "group" "where" "select" "join" "on" "sort" "limit" "union" "save" "to" "after"
  "mock" "expect" "read" "files" "sql" "mcp" "python" "when"
] @keyword

[ "if" "else" ] @keyword.control.conditional
[ "repeat" "max" "until" ] @keyword.control.repeat
[ "import" "as" ] @keyword.control.import
[ "and" "or" "not" "in" "per" ] @keyword.operator

(true) @constant.builtin.boolean
(false) @constant.builtin.boolean
(null) @constant.builtin

[ "=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "//" "%" "->" "|" "?" ] @operator
[ "{" "}" "(" ")" "[" "]" ] @punctuation.bracket
[ "," ":" "." ] @punctuation.delimiter

(string) @string
(integer) @constant.numeric.integer
(float) @constant.numeric.float
[ (duration) (size) ] @constant.numeric

(import name: (identifier) @namespace)
(record name: (identifier) @type)
(model name: (identifier) @type)
(task name: (identifier) @function)
(tool name: (identifier) @function)
(flow name: (identifier) @function)
(param name: (identifier) @constant)
(table name: (identifier) @variable)
(split name: (identifier) @variable)
(assign name: (identifier) @variable)
(let name: (identifier) @variable)
(fixture name: (identifier) @variable)

(field name: (identifier) @variable.other.member)
(setting name: (identifier) @attribute)
(parameter name: (identifier) @variable.parameter)
(argument name: (identifier) @variable.parameter)
(entry key: (identifier) @variable.other.member)
(attribute "@" @attribute name: (identifier) @attribute)

(named_type name: (dotted (identifier) @type))
(construct record: (dotted (identifier) @type))
(call function: (dotted (identifier) @function))
(call_relation task: (dotted (identifier) @function))
(map task: (dotted (identifier) @function))
(reduce task: (dotted (identifier) @function))
(rule name: (identifier) @function.builtin)
(format (dotted (identifier) @function.builtin))

(variable (dotted . (identifier) @variable))
(variable (dotted (identifier) (identifier) @variable.other.member))
(field_access field: (identifier) @variable.other.member)

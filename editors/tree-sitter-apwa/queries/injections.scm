; Templates are Jinja2, documentation is Markdown, scripts are of the shell.

((setting
  name: (identifier) @_name
  value: (string (string_content) @injection.content))
 (#eq? @_name "shell")
 (#set! injection.language "bash"))

((setting
  name: (identifier) @_name
  value: (string (string_content) @injection.content))
 (#any-of? @_name "prompt" "system" "reads" "writes")
 (#set! injection.language "jinja"))

((setting
  name: (identifier) @_name
  value: (record_literal (entry value: (string (string_content) @injection.content))))
 (#any-of? @_name "reads" "writes")
 (#set! injection.language "jinja"))

((save path: (string (string_content) @injection.content))
 (#set! injection.language "jinja"))

((sql_source query: (string (string_content) @injection.content))
 (#set! injection.language "sql"))

((doc_comment) @injection.content
 (#set! injection.language "markdown_inline"))

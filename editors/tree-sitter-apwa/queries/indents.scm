; `@indent.begin` and `@indent.branch` are Neovim's, `@indent` and `@outdent` Helix's, `@end` is Zed's.

[
  (record)
  (settings)
  (block)
  (test)
  (route)
  (record_literal)
  (list)
  (arguments)
  (parameters)
] @indent.begin @indent

[ "}" "]" ")" ] @indent.branch @indent.end @outdent @end

(string) @indent.auto
(comment) @indent.auto

[
  (record)
  (table)
  (model)
  (tool)
  (task)
  (flow)
  (test)
  (block)
  (record_literal)
  (list)
  (string)
] @fold

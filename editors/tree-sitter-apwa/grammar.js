/**
 * The grammar of APWA for editors that parse by tree-sitter. It follows `grammar/apwa_grammar/apwa.lark`.
 *
 * Keywords are soft: any word may be a name. Where both readings fit, the parser follows both, and the keyword wins.
 */

const SOFT = [
  "after", "and", "as", "by", "else", "expect", "files", "flow", "group", "if", "import", "in", "join", "keep", "limit",
  "map", "max", "mcp", "mock", "model", "on", "or", "over", "param", "per", "python", "read", "record", "reduce", "repeat",
  "save", "select", "sort", "split", "sql", "table", "task", "test", "to", "tool", "union", "until", "when", "where",
];
const VALUES = ["not", "true", "false", "null"];

const commas = (rule) => seq(rule, repeat(seq(",", rule)));
const listed = (rule) => seq(commas(rule), optional(","));

module.exports = grammar({
  name: "apwa",

  word: ($) => $.identifier,

  extras: ($) => [/[\s\uFEFF]/, $.doc_comment, $.comment],

  supertypes: ($) => [$.declaration, $.expression, $.statement, $.relation, $.type],

  inline: ($) => [$._key],

  conflicts: ($) => [
    [$.expression, $.rate],
    [$.map, $._name],
    [$.reduce, $._name],
    [$.union, $._name],
    [$.assign],
    [$.where, $.alias_relation],
    [$.select, $.alias_relation],
    [$.join, $.alias_relation],
    [$.sort, $.alias_relation],
    [$.limit, $.alias_relation],
    [$.save],
    [$.reduce],
    [$.map],
  ],

  rules: {
    source_file: ($) => repeat($.declaration),

    doc_comment: () => token(/##([^#\n][^\n]*)?/),
    comment: () => token(/#[^\n]*/),

    declaration: ($) =>
      choice($.import, $.param, $.record, $.table, $.model, $.tool, $.task, $.split, $.flow, $.test),

    import: ($) => seq("import", field("path", $.string), "as", field("name", $._name)),
    param: ($) => seq("param", field("name", $._name), ":", field("type", $.type), optional($._default)),
    _default: ($) => seq("=", field("value", $.expression)),

    record: ($) => seq("record", field("name", $._name), "{", repeat(seq($.field, optional(","))), "}"),
    field: ($) => seq(field("name", $._key), ":", field("type", $.type), repeat($.attribute), optional($._default)),
    attribute: ($) => seq("@", field("name", $._key), optional($.arguments)),

    table: ($) => seq("table", field("name", $._name), ":", field("type", $.type), "=", field("source", $._source)),
    _source: ($) => choice($.read_source, $.files_source, $.sql_source, $.list),
    read_source: ($) => seq("read", $.string, optional(seq("as", field("format", $.format)))),
    files_source: ($) => seq("files", $.string),
    sql_source: ($) => seq("sql", field("query", $.string)),
    format: ($) => seq($.dotted, optional($.arguments)),

    split: ($) =>
      prec.dynamic(1, seq("split", field("name", $._name), "=", field("table", $.dotted), "by", field("rule", $.rule))),
    rule: ($) => seq(field("name", $._name), optional($.arguments)),

    model: ($) => seq("model", field("name", $._name), $.settings),
    tool: ($) =>
      seq(
        "tool",
        field("name", $._name),
        choice(
          seq($.parameters, "->", field("result", $.type), $.settings),
          prec.dynamic(1, seq("=", "mcp", field("server", $.string), optional($.settings))),
          seq("=", field("builtin", $.rule)),
        ),
      ),
    task: ($) => seq("task", field("name", $._name), $.parameters, "->", field("result", $.type), $.settings),

    parameters: ($) => seq("(", optional(listed($.parameter)), ")"),
    parameter: ($) => seq(field("name", $._key), ":", field("type", $.type)),

    settings: ($) => seq("{", repeat(seq($.setting, optional(","))), "}"),
    setting: ($) =>
      seq(field("name", $._key), ":", field("value", choice($.expression, $.route, $.python_reference))),
    python_reference: ($) => seq("python", $.string),
    route: ($) => seq("{", listed($.arm), "}"),
    arm: ($) => seq(field("model", $.dotted), optional(seq("when", field("condition", $.expression)))),

    flow: ($) => seq("flow", field("name", $._name), $.block),
    block: ($) => seq("{", repeat($.statement), "}"),
    statement: ($) => choice($.assign, $.split, $.save, $.if, $.repeat),
    assign: ($) => seq(field("name", $._name), "=", field("value", $.relation), optional($.after)),
    save: ($) => prec.dynamic(1, seq("save", field("table", $.dotted), "to", field("path", $.string), optional($.after))),
    if: ($) =>
      prec.right(seq("if", "(", field("condition", $.expression), ")", $.block, optional(seq("else", choice($.block, $.if))))),
    repeat: ($) =>
      prec.dynamic(
        1,
        seq("repeat", "max", field("max", $.expression), "until", "(", field("until", $.expression), ")", $.block),
      ),

    relation: ($) =>
      choice(
        $.map, $.reduce, $.where, $.select, $.join, $.sort, $.limit, $.union, $.call_relation, $.alias_relation,
      ),
    map: ($) =>
      prec.dynamic(2, seq("map", field("task", $.dotted), optional($.arguments), "over", field("over", $.dotted), optional($.keep))),
    reduce: ($) =>
      prec.dynamic(
        2,
        seq(
          "reduce", field("task", optional($.dotted)), "over", field("over", $.dotted),
          optional(seq("by", field("by", $.rule))), optional($.group),
        ),
      ),
    where: ($) => prec.dynamic(2, seq(field("table", $.dotted), "where", field("condition", $.expression))),
    select: ($) => prec.dynamic(2, seq(field("table", $.dotted), "select", $.record_literal)),
    join: ($) => prec.dynamic(2, seq(field("table", $.dotted), "join", field("other", $.dotted), "on", $._names)),
    sort: ($) => prec.dynamic(2, seq(field("table", $.dotted), "sort", "by", $._names)),
    limit: ($) => prec.dynamic(2, seq(field("table", $.dotted), "limit", field("count", $.expression))),
    union: ($) => prec.dynamic(2, seq("union", "(", $.dotted, ",", listed($.dotted), ")")),
    call_relation: ($) => seq(field("task", $.dotted), $.arguments),
    alias_relation: ($) => $.dotted,
    keep: ($) => prec.dynamic(1, seq("keep", $._names)),
    group: ($) => prec.dynamic(1, seq("group", $._names)),
    after: ($) => prec.dynamic(1, seq("after", $._names)),
    _names: ($) => prec.right(commas($.dotted)),

    test: ($) => seq("test", field("name", $.string), "{", repeat($._test_statement), "}"),
    _test_statement: ($) => choice($.mock, $.let, $.fixture, $.expect),
    mock: ($) => prec.dynamic(1, seq("mock", field("model", $.dotted), "=", field("value", $.expression))),
    let: ($) => seq(field("name", $._key), "=", field("value", $.expression)),
    fixture: ($) => seq(field("name", $._key), ":", field("type", $.type), "=", "read", field("path", $.string)),
    expect: ($) => prec.dynamic(1, seq("expect", field("condition", $.expression))),

    type: ($) => choice($.named_type, $.literal_type, $.optional_type, $.union_type),
    union_type: ($) => prec.left(1, seq($.type, "|", $.type)),
    optional_type: ($) => prec(2, seq($.type, "?")),
    named_type: ($) => seq(field("name", $.dotted), optional(seq("[", listed(choice($.type, $.integer)), "]"))),
    literal_type: ($) => $.string,

    expression: ($) =>
      choice(
        $.binary, $.unary, $.call, $.construct, $.index, $.field_access, $.parenthesized, $.rate, $.true, $.false, $.null,
        $.list, $.record_literal, $.integer, $.float, $.duration, $.size, $.string, $.variable,
      ),
    variable: ($) => $.dotted,
    binary: ($) =>
      choice(
        ...[
          [1, "or"], [2, "and"], [5, "+"], [5, "-"], [6, "*"], [6, "/"], [6, "//"], [6, "%"],
        ].map(([level, operator]) => prec.left(level, binary($, operator))),
        ...["==", "!=", "<", "<=", ">", ">=", "in", seq("not", "in")].map((operator) => prec.left(4, binary($, operator))),
      ),
    unary: ($) =>
      choice(
        prec(3, seq(field("operator", "not"), field("operand", $.expression))),
        prec(7, seq(field("operator", "-"), field("operand", $.expression))),
      ),
    call: ($) => prec(8, seq(field("function", $.dotted), $.arguments)),
    construct: ($) => prec(8, seq(field("record", $.dotted), $.record_literal)),
    index: ($) => prec(8, seq(field("value", $.expression), "[", field("index", $.expression), "]")),
    field_access: ($) => prec(8, seq(field("value", $.expression), ".", field("field", $._key))),
    parenthesized: ($) => seq("(", $.expression, ")"),
    rate: ($) => prec.dynamic(1, seq($.integer, "per", $.duration)),
    true: () => "true",
    false: () => "false",
    null: () => "null",

    list: ($) => seq("[", optional(listed($.expression)), "]"),
    record_literal: ($) => seq("{", optional(listed($.entry)), "}"),
    entry: ($) => seq(field("key", choice($._key, $.string)), ":", field("value", $.expression)),
    arguments: ($) => seq("(", optional(listed($.argument)), ")"),
    argument: ($) => seq(optional(seq(field("name", $._key), ":")), field("value", $.expression)),

    dotted: ($) => prec.right(9, seq($._name, repeat(seq(".", $._key)))),

    _name: ($) => choice($.identifier, alias(choice(...SOFT), $.identifier)),
    _key: ($) => choice($._name, alias(choice(...VALUES), $.identifier)),

    identifier: () => /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/,
    duration: () => token(prec(2, /\d+(\.\d+)?(ms|s|m|h|d)/)),
    size: () => token(prec(2, /\d+(\.\d+)?(B|KiB|MiB|GiB|TiB)/)),
    float: () => token(prec(1, /\d+(_\d+)*(\.\d+(_\d+)*([eE][+-]?\d+)?|[eE][+-]?\d+)/)),
    integer: () => token(/\d+(_\d+)*/),

    string: ($) =>
      choice(
        seq('"', optional(alias($._line_content, $.string_content)), token.immediate('"')),
        seq('"""', optional(alias($._text_content, $.string_content)), token.immediate('"""')),
      ),
    _line_content: () => token.immediate(prec(1, /([^"\\\n]|\\.)+/)),
    _text_content: () => token.immediate(prec(1, /([^"\\]|\\(.|\n)|""?[^"\\]|""?\\(.|\n))+/)),
  },
});

function binary($, operator) {
  return seq(field("left", $.expression), field("operator", operator), field("right", $.expression));
}

"""The Pygments lexer, registered as the plugin `apwa`.

In: the text of a program, or a piece of one. Out: Pygments' tokens. Keywords are soft, so every rule that reads one
also reads the names beside it: what follows `over` is a name, whatever it is called.
"""

from __future__ import annotations

import re
from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_NAMES = rf"{_DOTTED}(?:\s*,\s*{_DOTTED})*"
_VALUE = r"(?:not|true|false|null)\b"
_DECLARATION = r"(?=(?:param|record|table|model|tool|task|split|flow)\s+\w|(?:import|test)\s*\")"
_END_OF_TEXT = r"(?=\"\"\"|\Z)"

# Every word of the grammar that may also be a name; behind a mark it is one.
SOFT_KEYWORDS = (
    "after", "and", "as", "by", "else", "expect", "files", "flow", "group", "if", "import", "in", "join", "keep",
    "limit", "map", "max", "mcp", "mock", "model", "on", "or", "over", "param", "per", "python", "read", "record",
    "reduce", "repeat", "save", "select", "sort", "split", "sql", "table", "task", "test", "to", "tool", "union",
    "until", "when", "where",
)  # fmt: skip
TYPES = (
    "str", "int", "float", "bool", "bytes", "date", "datetime", "duration", "uuid", "json", "file", "image", "audio",
    "list", "map", "table", "tensor", "null", "File",
)  # fmt: skip
_WORD = rf"({'|'.join(SOFT_KEYWORDS)})\b(?!\s*[:(])"


class ApwaLexer(RegexLexer):
    """Reads `.apwa` programs; texts are Jinja2 templates."""

    name = "APWA"
    url = "https://pypi.org/project/apwa-lang/"
    aliases: ClassVar = ["apwa"]
    filenames: ClassVar = ["*.apwa"]
    mimetypes: ClassVar = ["text/x-apwa"]
    flags = re.MULTILINE

    tokens: ClassVar = {
        "root": [
            include("space"),
            (r"(import)(\s*)(?=\")", bygroups(Keyword.Namespace, Whitespace), "import"),
            (rf"(record)(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Class), "record"),
            (rf"(model)(\s+)({_NAME})(?=\s*\{{)", bygroups(Keyword.Declaration, Whitespace, Name.Class), "settings"),
            (rf"(task|tool)(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Function), "task"),
            (rf"(param|table)(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Variable), "value"),
            (rf"(flow)(\s+)({_NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Function), "block"),
            (r"(test)(\s*)(?=\")", bygroups(Keyword.Declaration, Whitespace), "block"),
            # A piece of a flow is read too: documentation shows statements by themselves.
            include("statements"),
        ],
        "block": [
            include("space"),
            include("strings"),
            (r"\{", Punctuation, ("#pop", "statement")),
            default("#pop"),
        ],
        "statement": [
            include("space"),
            (r"\}", Punctuation, "#pop"),
            include("statements"),
        ],
        "space": [
            (r"^(\ufeff?[ \t]*)(##(?!#).*)$", bygroups(Whitespace, Comment.Special)),
            (r"#.*$", Comment.Single),
            (r"[\s\ufeff]+", Whitespace),
        ],
        "import": [
            include("space"),
            include("strings"),
            (rf"(as)(\s+)({_NAME})", bygroups(Keyword.Namespace, Whitespace, Name.Namespace), "#pop"),
            default("#pop"),
        ],
        "record": [
            (_DECLARATION, Text, "#pop"),
            include("space"),
            (r"\{", Punctuation, ("#pop", "fields")),
            default("#pop"),
        ],
        "fields": [
            include("space"),
            (r"\}", Punctuation, "#pop"),
            (rf"(@)(\s*)({_NAME})(\s*)(\()",
             bygroups(Name.Decorator, Whitespace, Name.Decorator, Whitespace, Punctuation), "brackets"),
            (rf"(@)(\s*)({_NAME})", bygroups(Name.Decorator, Whitespace, Name.Decorator)),
            (rf"({_NAME})(\s*)(:)", bygroups(Name.Attribute, Whitespace, Punctuation)),
            (r"=", Operator, "default"),
            include("types"),
        ],
        "default": [
            (rf"(?=[,}}@]|{_NAME}\s*:)", Text, "#pop"),
            include("expression"),
        ],
        "task": [
            (_DECLARATION, Text, "#pop"),
            include("space"),
            (r"\(", Punctuation, "parameters"),
            (r"->", Operator, "result"),
            (r"(=)(\s*)(mcp)(\s*)(?=\")", bygroups(Operator, Whitespace, Keyword, Whitespace)),
            (rf"(=)(\s*)({_NAME})(\s*)(\()",
             bygroups(Operator, Whitespace, Name.Builtin, Whitespace, Punctuation), ("#pop", "brackets")),
            (rf"(=)(\s*)({_NAME})", bygroups(Operator, Whitespace, Name.Builtin), "#pop"),
            include("strings"),
            (r"(?=\{)", Text, ("#pop", "settings")),
            default("#pop"),
        ],
        "parameters": [
            include("space"),
            (r"\)", Punctuation, "#pop"),
            (rf"({_NAME})(\s*)(:)", bygroups(Name.Variable, Whitespace, Punctuation)),
            include("types"),
        ],
        "result": [
            (rf"{_DECLARATION}|(?=\{{)", Text, "#pop"),
            include("space"),
            include("types"),
        ],
        "types": [
            (words(TYPES, prefix=r"(?<![.\w])", suffix=r"\b(?!\s*\.)"), Keyword.Type),
            (_NAME, Name.Class),
            (r"\d[\d_]*", Number.Integer),
            (r"[|?]", Operator),
            (r"[\[\].,]", Punctuation),
            include("strings"),
            default("#pop"),
        ],
        "settings": [
            include("space"),
            (r"\{", Punctuation, ("#pop", "setting")),
            default("#pop"),
        ],
        "setting": [
            include("space"),
            (r"\}", Punctuation, "#pop"),
            (rf"({_NAME})(\s*)(:)(\s*){_WORD}(?!\s*\")",
             bygroups(Name.Attribute, Whitespace, Punctuation, Whitespace, Name)),
            (rf"({_NAME})(\s*)(:)", bygroups(Name.Attribute, Whitespace, Punctuation)),
            (r"(python)(\s*)(?=\")", bygroups(Keyword, Whitespace)),
            include("expression"),
        ],
        "value": [
            (_DECLARATION, Text, "#pop"),
            include("space"),
            (r":", Punctuation, "annotation"),
            (r"(=)(\s*)(read|files|sql)(\s*)(?=\")", bygroups(Operator, Whitespace, Keyword, Whitespace)),
            (rf"(as)(\s+)({_DOTTED})", bygroups(Keyword, Whitespace, Name.Builtin)),
            (r"\}", Punctuation, "#pop"),
            include("expression"),
        ],
        "annotation": [
            (rf"{_DECLARATION}|(?==)", Text, "#pop"),
            include("space"),
            include("types"),
        ],
        "statements": [
            (rf"(split)(\s+)({_NAME})(\s*)(=)(?!=)(\s*)({_DOTTED})?",
             bygroups(Keyword.Declaration, Whitespace, Name.Variable, Whitespace, Operator, Whitespace, Name)),
            (rf"(save)(\s+)({_DOTTED})(\s+)(to)(\s*)(?=\")",
             bygroups(Keyword, Whitespace, Name, Whitespace, Keyword, Whitespace)),
            (rf"(mock)(\s+)({_DOTTED})(\s*)(=)(?!=)", bygroups(Keyword, Whitespace, Name, Whitespace, Operator)),
            (rf"({_NAME})(\s*)(=)(?!=)", bygroups(Name.Variable, Whitespace, Operator), "assigned"),
            (rf"({_NAME})(\s*)(:)(?=[^={{}}()]{{0,200}}=\s*read\s*\")",
             bygroups(Name.Variable, Whitespace, Punctuation), "fixture"),
            (r"(if|until)(\s*)(\()", bygroups(Keyword, Whitespace, Punctuation), "condition"),
            (r"(else)(\s+)(if)(\s*)(\()", bygroups(Keyword, Whitespace, Keyword, Whitespace, Punctuation), "condition"),
            (r"else(?=\s*\{)", Keyword, "block"),
            (rf"(repeat)(\s+)(max)(\s+)({_DOTTED})(?=\s+until\b)",
             bygroups(Keyword, Whitespace, Keyword, Whitespace, Name)),
            (r"(repeat)(\s+)(max)\b", bygroups(Keyword, Whitespace, Keyword)),
            include("relations"),
            include("expression"),
        ],
        "condition": [
            (r"\)", Punctuation, ("#pop", "block")),
            include("expression"),
        ],
        "assigned": [
            include("space"),
            (rf"(map)(\s+)({_DOTTED})(?=\s*\(|\s+over\b)", bygroups(Keyword, Whitespace, Name.Function), "#pop"),
            (rf"(reduce)(\s+)({_DOTTED})(?=\s+over\b)", bygroups(Keyword, Whitespace, Name.Function), "#pop"),
            (r"reduce(?=\s+over\b)", Keyword, "#pop"),
            (r"union(?=\s*\()", Keyword, "#pop"),
            (rf"(?!{_VALUE}){_DOTTED}\b(?!\s*[({{.])", Name, "#pop"),
            default("#pop"),
        ],
        "fixture": [
            (r"(=)(\s*)(read)", bygroups(Operator, Whitespace, Keyword), "#pop"),
            include("space"),
            include("types"),
        ],
        "relations": [
            (rf"(map)(\s+)({_DOTTED})(?=\s*\(|\s+over\b)", bygroups(Keyword, Whitespace, Name.Function)),
            (rf"(reduce)(\s+)({_DOTTED})(?=\s+over\b)", bygroups(Keyword, Whitespace, Name.Function)),
            (rf"(over)(\s+)({_DOTTED})", bygroups(Keyword, Whitespace, Name)),
            (rf"(sort)(\s+)(by)(\s+)({_NAMES})", bygroups(Keyword, Whitespace, Keyword, Whitespace, Name)),
            (rf"(join)(\s+)({_DOTTED})(\s+)(on)(\s+)({_NAMES})",
             bygroups(Keyword, Whitespace, Name, Whitespace, Keyword, Whitespace, Name)),
            (rf"(keep|group|after)(\s+)({_NAMES})", bygroups(Keyword, Whitespace, Name)),
            (rf"(by)(\s+)({_NAME})", bygroups(Keyword, Whitespace, Name.Builtin)),
            (r"select(?=\s*\{)", Keyword),
            (rf"(where|limit|expect)(\s+)(?!{_VALUE})({_NAME})\b(?!\s*[({{])", bygroups(Keyword, Whitespace, Name)),
            (r"(?:where|limit|expect)\b(?!\s*[:=.,)])", Keyword),
        ],
        "expression": [
            include("space"),
            include("strings"),
            (r"(\d[\d_]*)(\s+)(per)(\s+)(?=\d)", bygroups(Number.Integer, Whitespace, Operator.Word, Whitespace)),
            (r"\d+(?:\.\d+)?(?:ms|s|m|h|d|B|KiB|MiB|GiB|TiB)(?!\w)", Number),
            (r"\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?!\w)", Number.Float),
            (r"\d+(?:_\d+)*(?!\w)", Number.Integer),
            (rf"({_NAME})(\s*)(:)(\s*){_WORD}", bygroups(Name.Label, Whitespace, Punctuation, Whitespace, Name)),
            (rf"({_NAME})(\s*)(:)", bygroups(Name.Label, Whitespace, Punctuation)),
            (rf"(\.)(\s*)({_NAME})", bygroups(Punctuation, Whitespace, Name)),
            (rf"([\[(])(\s*){_WORD}", bygroups(Punctuation, Whitespace, Name), "brackets"),
            (rf"(=|==|!=|[<>]=?|//|[-+*/%,|])(\s*){_WORD}", bygroups(Operator, Whitespace, Name)),
            (rf"(and|or|not\s+in|in|when)(\s+)(?!{_VALUE})({_NAME})\b(?!\s*[(.\[{{])",
             bygroups(Operator.Word, Whitespace, Name)),
            (r"(?:and|or|in|when)\b(?=\s+[(\[\w\"-]|\s*[\"-])", Operator.Word),
            (r"not\b(?!\s*=)", Operator.Word),
            (r"(?:true|false|null)\b(?!\s*=(?!=))", Keyword.Constant),
            (rf"{_NAME}(?=\s*\()", Name.Function),
            (rf"{_NAME}(?=\s*\{{)", Name.Class),
            (_NAME, Name),
            (r"->|==|!=|<=|>=|//|[-+*/%<>=|?@]", Operator),
            (r"[\[({]", Punctuation, "brackets"),
            (r"[\])},.:]", Punctuation),
        ],
        "brackets": [
            (r"[\])}]", Punctuation, "#pop"),
            include("expression"),
        ],
        "strings": [
            (r'"""', String, "text"),
            (r'"', String, "string"),
        ],
        "text": [
            (r'"""', String, "#pop"),
            (r"\{#[\s\S]*?(?:#\}|(?=\"\"\"))", Comment),
            (r"\{\{[-+]?|\{%[-+]?", String.Interpol, "template"),
            (r'\\(?:[ntr"\\\n]|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\})', String.Escape),
            (r'[^"\\{]+|[\s\S]', String),
        ],
        "string": [
            (r'"|$', String, "#pop"),
            (r"\{#[^\"\n]*?(?:#\}|(?=[\"\n]))", Comment),
            (r"\{\{[-+]?|\{%[-+]?", String.Interpol, "template on a line"),
            (r'\\(?:[ntr"\\]|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\})', String.Escape),
            (r'[^"\\{\n]+|.', String),
        ],
        "template": [
            (r"[-+]?(?:\}\}|%\})", String.Interpol, "#pop"),
            (_END_OF_TEXT, Text, "#pop"),
            (r'"[^"\n]*"', String.Double),
            include("jinja"),
        ],
        "template on a line": [
            (r"[-+]?(?:\}\}|%\})", String.Interpol, "#pop"),
            (r'(?=["\n])', Text, "#pop"),
            include("jinja"),
        ],
        "jinja": [
            (r"\s+", Whitespace),
            (r'\\"(?:[^"\\]|\\[^"])*\\"', String.Double),
            (r"'(?:[^'\\\n]|\\.)*'", String.Single),
            (r"\d+(?:\.\d+)?", Number),
            (rf"(\.)(\s*)({_NAME})", bygroups(Punctuation, Whitespace, Name.Attribute)),
            (rf"(\|)(\s*)({_NAME})", bygroups(Operator, Whitespace, Name.Function)),
            (r"(?:for|endfor|if|elif|else|endif|set|endset"
             r"|filter|endfilter|with|endwith|raw|endraw|recursive)\b", Keyword),
            (r"(?:and|or|not|in|is)\b", Operator.Word),
            (r"(?:true|false|none|True|False|None)\b", Keyword.Constant),
            (_NAME, Name.Variable),
            (r"[-+*/%~<>=!|]+", Operator),
            (r"[()\[\]{},:]", Punctuation),
            (r".", Text),
        ],
    }  # fmt: skip

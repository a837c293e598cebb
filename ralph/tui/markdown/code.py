"""The colours of code: token types to variables of the theme."""

from __future__ import annotations

from pygments.token import Token  # type: ignore[import-untyped]
from textual.highlight import HighlightTheme


class CodeColours(HighlightTheme):
    """The colours of token types. Each is a variable of the theme, so code looks as the theme's users expect."""

    STYLES = {
        Token: "$foreground",
        Token.Comment: "italic $muted",
        Token.Generic.Deleted: "$text-error",
        Token.Generic.Emph: "italic",
        Token.Generic.Heading: "bold $heading",
        Token.Generic.Inserted: "$code-string",
        Token.Generic.Strong: "bold",
        Token.Generic.Subheading: "bold $heading",
        Token.Keyword: "$code-keyword",
        Token.Keyword.Constant: "$code-number",
        Token.Keyword.Type: "$code-type",
        Token.Literal.Number: "$code-number",
        Token.Literal.String: "$code-string",
        Token.Literal.String.Doc: "italic $code-string",
        Token.Name.Attribute: "$code-type",
        Token.Name.Builtin: "$code-type",
        Token.Name.Builtin.Pseudo: "italic",
        Token.Name.Class: "bold $code-type",
        Token.Name.Decorator: "$code-function",
        Token.Name.Function: "$code-function",
        Token.Name.Tag: "$code-keyword",
        Token.Operator.Word: "$code-keyword",
    }

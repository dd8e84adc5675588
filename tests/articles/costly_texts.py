"""Text made to cost its reader time: each shape gives about as many characters as it is asked for."""


def _again(unit, *, before="", after=""):
    return lambda size: before + unit * ((size - len(before) - len(after)) // len(unit)) + after


def _counted(unit, *, before="", after=""):
    def make(size):
        pieces, length, number = [], len(before) + len(after), 0
        while length < size:
            pieces.append(unit.format(number))
            length += len(pieces[-1])
            number += 1
        return before + "".join(pieces) + after

    return make


def _nested(opening, closing):
    def make(size):
        depth = size // (len(opening) + len(closing))
        return opening * depth + "x" + closing * depth

    return make


MARKUP = {
    "ampersands": _again("&"),
    "ampersands and spaces": _again("& "),
    "ampersands in an address": _again("&", before='<a href="/?', after='">x</a>'),
    "ampersands in a title": _again("&", before='<a href="/" title="', after='">x</a>'),
    "numeric references cut short": _again("&#"),
    "hexadecimal references cut short": _again("&#x"),
    "one long reference": _again("9", before="&#"),
    "named references": _again("&amp;"),
    "twice escaped references": _again("&amp;amp;"),
    "escaped tags": _again("&lt;b&gt;"),
    "names that begin as others": _again("&notit;"),
    "no-break spaces": _again("\xa0", before="<b>x</b>"),
    "less-than signs": _again("<"),
    "less-than signs and spaces": _again("< "),
    "greater-than signs": _again(">"),
    "ends cut short": _again("</"),
    "tags cut short": _again("<a"),
    "tags cut in their attributes": _again('<a b="c" '),
    "declarations": _again("<!"),
    "processing instructions": _again("<?x?>"),
    "processing instructions cut short": _again("<?x "),
    "comments": _again("<!---->"),
    "comments cut short": _again("<!--"),
    "dashes in a comment": _again("-", before="<!--"),
    "CDATA sections": _again("<![CDATA[x]]>"),
    "CDATA sections cut short": _again("<![CDATA["),
    "unclosed paragraphs": _again("<p>"),
    "unclosed bold": _again("<b>"),
    "unclosed links": _again("<a>"),
    "unclosed bold, each another": _counted("<b id={}>"),
    "unclosed lists": _again("<ul><li>"),
    "unclosed tables": _again("<table><tr><td>"),
    "unclosed unknown": _again("<x>"),
    "ends of nothing": _again("</b>"),
    "wrongly nested": _again("<b><p></b>"),
    "wrongly nested links": _again("<a><div></a>"),
    "nested divisions": _nested("<div>", "</div>"),
    "nested unknown": _nested("<x>", "</x>"),
    "nested lists": _nested("<ul><li>", "</li></ul>"),
    "nested quotations": _nested("<blockquote>", "</blockquote>"),
    "nested tables": _nested("<table><tr><td>", "</td></tr></table>"),
    "many paragraphs": _again("<p>x</p>"),
    "many images": _again("<img src=/a.png>"),
    "many links": _again("<a href=/a>b</a>"),
    "words among tags": _again("x<p>"),
    "wrong children of a table": _again("x<b>", before="<table>"),
    "attributes": _counted("a{}=b ", before="<p ", after=">x</p>"),
    "attributes without values": _counted("a{} ", before="<a ", after="href=/x>x</a>"),
    "attributes of one name": _again("a=b ", before="<p ", after=">x</p>"),
    "attributes of a tag cut short": _counted("a{}=b ", before="<p "),
    "attributes behind a comment": _counted("a{}=b ", before='<!-- <p a="--><p ', after='>x</p>">'),
    "attributes behind a title": _counted("a{}=b ", before='<title><p a="</title><p ', after='>x</p>">'),
    "slashes in a tag": _again("/", before="<p ", after=">"),
    "quotes in an attribute": _again('"', before="<a title='", after="'>x</a>"),
    "tags in an attribute": _again("<p ", before='<p a="'),
    "one long attribute": _again("x", before='<p lang="', after='">x</p>'),
    "an address of dots": _again("../", before='<a href="', after='">x</a>'),
    "a set of sources": _again("a 1x,", before='<img srcset="', after='">'),
    "one long name": _again("a", before="<", after=">"),
    "scripts": _again("<script>x</script>"),
    "captions in shortcodes": _again("[caption x]<img>"),
    "shortcodes cut short": _again("[video a="),
    "shortcodes of one name": _again('[a b="c"]'),
    "unclosed drawings": _again("<svg><text>"),
    "unclosed plug-ins": _again("<object><svg>"),
    "unclosed pictures": _again("<picture><img "),
    "unclosed formulas": _again("<m:math>"),
    "hidden elements": _again("<div hidden><iframe "),
    "scripts cut short": _again("<script>"),
    "drawings": _again("<svg>"),
    "one word": _again("a"),
    "spaces": _again(" "),
    "line ends": _again("\n"),
    "sentences": _again("It is. "),
    "endings cut off": _again("[Continue reading "),
    "breaks": _again("<br> "),
    "joined emoji": _again("\U0001f468\u200d"),
}
MARKDOWN = {
    "quotations": _again(">"),
    "quotations by lines": _again("> > > > >\n"),
    "lazy lines of a quotation": _again("b\n", before=">" * 50 + " a\n"),
    "list in list": _again("- "),
    "numbers in numbers": _again("1. "),
    "deeper and deeper": lambda size: "".join("  " * depth + "- x\n" for depth in range(int(size**0.5))),
    "emphasis": _again("*a"),
    "emphasis of two kinds": _again("*a _b "),
    "strong and not": _again("*a **a "),
    "brackets": _again("["),
    "brackets and words": _again("[a"),
    "links": _again("[a](b)"),
    "links cut short": _again("[a]("),
    "links in links": _nested("[", "](x)"),
    "images in images": _nested("![", "](x)"),
    "definitions": _counted("[a{}]: /x\n"),
    "backticks": _again("`"),
    "backticks of every length": lambda size: " ".join("`" * length for length in range(1, int((2 * size) ** 0.5))),
    "fences": _again("```\n"),
    "addresses cut short": _again("<http://a "),
    "backslashes": _again("\\"),
    "wide tables": lambda size: "|a" * (size // 8) + "|\n" + "|-" * (size // 8) + "|\n" + "|x|\n" * (size // 8),
    "a heading of spaces": _again("a  ", before="# "),
    "rules": _again("- ", after="a"),
}  # fmt: skip
HEADS = {
    "flow in flow": _again("["),
    "maps in maps": _again("{a: "),
    "quotes": _again('"'),
    "keys": _counted("k{}: v\n", before="a: b\n"),
    "anchors": _counted("a{0}: &a{0} x\n", before="x: y\n"),
    "one long number": _again("9", before="n: "),
    "one long hexadecimal number": _again("f", before="title: 0x"),
    "a number of minutes": _again(":1", before="n: 1"),
}

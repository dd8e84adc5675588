"""Small extensions of Markdown that no library here renders: emoji by name, abbreviations, and links between files."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from textwrap import dedent

_CODE_SPAN = r"(?P<code>(?<!`)(?P<ticks>`{1,4})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`))"
# As GitHub names them: https://docs.github.com/en/rest/emojis
_EMOJI_NAMES = """
    tada 🎉 rocket 🚀 smile 😄 smiley 😃 grin 😁 joy 😂 wink 😉 blush 😊 heart ❤️ hearts ♥️
    thumbsup 👍 +1 👍 thumbsdown 👎 -1 👎 clap 👏 wave 👋 pray 🙏 muscle 💪 eyes 👀 fire 🔥 star ⭐
    star2 🌟 sparkles ✨ sunny ☀️ snowflake ❄️ zap ⚡ warning ⚠️ bulb 💡 memo 📝 book 📖 books 📚
    calendar 📅 date 📅 email 📧 envelope ✉️ phone ☎️ telephone ☎️ mailbox 📫 link 🔗 lock 🔒
    key 🔑 bug 🐛 hammer 🔨 wrench 🔧 gear ⚙️ package 📦 computer 💻 camera 📷 movie_camera 🎥
    microphone 🎤 headphones 🎧 gift 🎁 balloon 🎈 trophy 🏆 medal_sports 🏅 checkered_flag 🏁
    white_check_mark ✅ heavy_check_mark ✔️ x ❌ exclamation ❗ question ❓
    information_source ℹ️ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️
    point_right 👉 point_down 👇 raised_hands 🙌 ok_hand 👌 hugs 🤗 thinking 🤔 cry 😢 sob 😭
    sunglasses 😎 slightly_smiling_face 🙂 heart_eyes 😍 earth_africa 🌍 earth_americas 🌎
    seedling 🌱 evergreen_tree 🌲 coffee ☕ beer 🍺 cake 🍰 birthday 🎂 dog 🐶 cat 🐱 moneybag 💰
    chart 📈 hourglass ⌛ alarm_clock ⏰ construction 🚧 loudspeaker 📢 mega 📣 bell 🔔
    speech_balloon 💬 christmas_tree 🎄
"""
_EMOJI = dict(zip(_EMOJI_NAMES.split()[::2], _EMOJI_NAMES.split()[1::2], strict=True))
_BY_NAME = re.compile(rf"{_CODE_SPAN}|(?<![\w:/]):(?P<name>[a-z+-][a-z0-9_+-]{{0,40}}):(?![\w:`])")
_EXTENSION = re.compile(
    rf"""{_CODE_SPAN}
    |(?P<gone>^[ ]{{0,3}}\*\[[^\]\n]{{1,80}}\]:[^\n]*$            # what an abbreviation means
      |^[ \t]*\{{[\w-]+=[^}}\n]{{1,200}}\}}[ \t]*$                # attributes of what stands before
      |(?<=[)\]])\{{[\w-]+=[^}}\n]{{1,200}}\}}
      |(?<=`)\{{=\w{{1,20}}\}}                                     # the format of a raw text of Pandoc
      |(?<=[ ])[A-Za-z]{{1,30}}=\{{[^{{}}\n<>]{{0,200}}\}}(?=[^<>\n]{{0,500}}/?>)
      |\{{/\*.{{0,2000}}?\*/\}}                                   # comments and definitions of MDX
      |^export[ ]+(?:const|let|var|default|function)\b[^\n]{{0,300}}[{{(\[]\n
        (?:[^\n]{{0,300}}\n){{0,100}}?[}})\]]+;?[ \t]*$
      |^export[ ]+(?:const|let|var|default)\b[^\n{{(]{{0,300}}$)
    |(?P<sized>!\[(?P<alt>[^\[\]|\n]{{0,300}})\|\d{{1,4}}(?:x\d{{1,4}})?\](?=\())
    |(?P<root>(?<=\]\()\{{(?:static|attach|photo)\}})
    |\[(?P<shown>[^\[\]\n]{{1,300}})\]\(\{{(?:filename|index|author|category|tag)\}}[^()\n]{{0,300}}\)
    |(?<=\]\()(?P<file>(?![a-z]+:|//)[^()\s\#:]{{1,300}})\.(?:md|markdown|mdown)(?P<place>\#[^()\s]{{0,200}})?(?=\))""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_DAY = re.compile(r"\A\d{4}-\d{1,2}-\d{1,2}-")


# Material for MkDocs: https://squidfunk.github.io/mkdocs-material/reference/content-tabs/
_TAB = re.compile(
    r"^===[+!]? +\"(?P<tab>[^\"\n]{1,100})\"[ \t]*\n(?P<inside>(?:(?:[ ]{4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)*)",
    re.MULTILINE,
)
_ROLE = re.compile(r"\{[a-z][\w:-]{0,30}\}(`[^`\n]{1,300}`)")


def rendered_extensions(part: str) -> str:
    """Return Markdown with emoji as signs, and links between files as links between pages."""
    part = _TAB.sub(lambda found: f"**{found['tab']}**\n\n{dedent(found['inside'])}\n", part)
    part = _ROLE.sub(lambda found: found[1][1:-1].partition(" <")[0], part)
    return _BY_NAME.sub(_emoji, _EXTENSION.sub(_extension, part))


def unknown_emoji(part: str) -> Iterator[re.Match[str]]:
    """Yield the names of emoji that we do not know."""
    for found in _BY_NAME.finditer(part):
        if found["name"] and found["name"] not in _EMOJI and len(found["name"]) > 1:
            yield found


def _emoji(found: re.Match[str]) -> str:
    return found[0] if found["code"] else _EMOJI.get(found["name"], found[0])


def _extension(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["gone"] is not None:
        return "\n" * found["gone"].count("\n")
    if found["sized"]:
        return f"![{found['alt']}]"
    if found["root"]:
        return ""
    if found["shown"]:
        return found["shown"]  # its address is only known to the generator
    place = PurePosixPath(found["file"])
    name = _DAY.sub("", place.name)
    page = str(place.parent / name) if name not in {"index", "_index"} else f"{place.parent}/"
    return f"{page}{found['place'] or ''}"

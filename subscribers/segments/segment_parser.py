"""From the text of a segment to its tree, by recursive descent.

segment   = both { "or" both }
both      = negation { "and" negation }
negation  = "not" negation | "(" segment ")" | condition
condition = subject verb [ value ]
"""

import re

from subscribers.segments.segment_errors import WrongSegment, near
from subscribers.segments.segment_fields import ALL_VERBS, VERBS, Kind, Subject, find_subject, subjects
from subscribers.segments.segment_tokeniser import Token, tokens
from subscribers.segments.segment_tree import KEYWORDS, Condition, Not, Segment, both, either

DEEPEST = 50
WITHOUT_VALUE = ("is missing", "is known")
BY_LENGTH = sorted(ALL_VERBS, key=lambda verb: -len(verb.split()))
DURATION = re.compile(r"(\d{1,5}) (day|week|month|year)s?")


def parse(text: str) -> Segment:
    """The tree of a segment. Raises WrongSegment, pointing at the word that is wrong."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Segment:
        tree = self._either()
        if self._here.kind != "end":
            raise self._wrong(
                "Expected “and”, “or” or the end of the segment."
                if self._here.text != ")"
                else "This closing bracket has no opening bracket."
            )
        return tree

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._here
        self._next += token.kind != "end"
        return token

    def _wrong(self, sentence: str, token: Token | None = None) -> WrongSegment:
        token = token or self._here
        return WrongSegment(sentence, text=self._text, at=token.at, length=token.length)

    def _either(self) -> Segment:
        parts = [self._both()]
        while self._here.says("or"):
            self._take()
            parts.append(self._both())
        return either(parts)

    def _both(self) -> Segment:
        parts = [self._negation()]
        while self._here.says("and"):
            self._take()
            parts.append(self._negation())
        return both(parts)

    def _negation(self) -> Segment:
        self._depth += 1
        if self._depth > DEEPEST and self._goes_deeper():
            raise self._wrong(f"Brackets and “not” can be nested at most {DEEPEST} levels deep.")
        try:
            if self._here.says("not"):
                self._take()
                return Not(self._negation())
            return self._bracket() if self._goes_deeper() else self._condition()
        finally:
            self._depth -= 1

    def _goes_deeper(self) -> bool:
        return self._here.says("not") or (self._here.kind, self._here.text) == ("sign", "(")

    def _bracket(self) -> Segment:
        opening = self._take()
        inner = self._either()
        if self._here.text != ")" or self._here.kind != "sign":
            raise self._wrong("This bracket has no closing bracket.", opening)
        self._take()
        return inner

    def _condition(self) -> Condition:
        start = self._here
        name, subject = self._subject()
        verb_token = self._here
        verb = self._verb()
        kind = subject.kind if subject else Kind.TEXT
        if verb not in VERBS[kind]:
            raise self._wrong(_not_for(name, verb, subject), verb_token if subject else start)
        value_token = self._here
        value = "" if verb in WITHOUT_VALUE else self._value(verb)
        return Condition(
            name, verb, value, is_attribute=subject is None, at=start.at, value_at=value_token.at
        )

    def _subject(self) -> tuple[str, Subject | None]:
        first = self._here
        if first.kind == "quoted" and first.text.strip():
            return self._take().text, None
        words = []
        while self._here.kind == "word" and not self._here.says(*KEYWORDS):
            words.append(self._take().text)
        if not words:
            raise self._wrong("Expected a field, topic, date or detail, such as “joined” or “country”.")
        name = " ".join(words)
        subject = find_subject(name)
        if subject is None and (hint := near(name, (one.name for one in subjects()))):
            raise WrongSegment(
                f"“{name}” is not a field.{hint} To use a detail with that name, put it in quotation marks.",
                text=self._text, at=first.at, length=len(name),
            )  # fmt: skip
        return (subject.name if subject else name), subject

    def _verb(self) -> str:
        for verb in BY_LENGTH:
            words = verb.split()
            following = self._tokens[self._next : self._next + len(words)]
            if len(following) == len(words) and all(map(Token.says, following, words)):
                self._next += len(words)
                return verb
        raise self._wrong("Expected one of these verbs: " + ", ".join(ALL_VERBS) + ".")

    def _value(self, verb: str) -> str:
        first = self._here
        if first.kind == "quoted":
            value = self._take().text
        else:
            words = []
            while self._here.kind == "word" and not self._here.says(*KEYWORDS):
                words.append(self._take().text)
            value = " ".join(words)
        if not value.strip():
            raise self._wrong(f"Expected a value after “{verb}”.", first)
        return self._duration(value, first) if verb == "in last" else value

    def _duration(self, value: str, first: Token) -> str:
        found = DURATION.fullmatch(value.lower())
        if found is None or int(found[1]) == 0:
            raise WrongSegment(
                "Expected a length of time, such as “90 days”, “2 weeks”, “3 months” or “1 year”.",
                text=self._text, at=first.at, length=len(value),
            )  # fmt: skip
        return f"{int(found[1])} {found[2]}{'' if int(found[1]) == 1 else 's'}"


def _not_for(name: str, verb: str, subject: Subject | None) -> str:
    if subject is None:
        return f"“{name}” is a detail and cannot be used with “{verb}”. Only dates such as “joined” can."
    return f"“{name}” can be used with {', '.join(VERBS[subject.kind])}."

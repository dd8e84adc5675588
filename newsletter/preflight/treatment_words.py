"""Finds words that offer a treatment, and not the same words about food, gifts or trees.

The words are those of treatments in general, because a promotion names its illness elsewhere, for example in its title.
"""

import re

# Kinds of treatment, and what somebody takes for an illness.
_NOUNS = (
    r"treatments?|cures?|remed(?:y|ies)|therap(?:y|ies|eutics?)|(?:chemo|radio|immuno|hormone |photo)therap(?:y|ies)|"
    r"surger(?:y|ies)|radiation|proton beams?|medicines?|medications?|drugs?|pills?|infusions?|vaccines?|antidotes?|"
    r"supplements?|detox(?:es|ification)?|triniaeth\w*"
)
_VERBS = r"treat(?:s|ed|ing)?|cur(?:ed|ing)|heal(?:s|ed|ing)?"
_DESCRIBING = r"therapeutic|surgical|anti-?cancer"
# What a product is said to do to the illness itself.
_CLAIMS = (
    r"(?:kill|shrink|destroy|reverse|eliminate|dissolve|melt)(?:s|ed|d|ing)?(?: away)? (?:[\w’'-]+ ){0,3}"
    r"(?:cancers?|tumou?rs?|cells|illness(?:es)?|diseases?)"
)
TREATMENT = rf"(?:{_NOUNS}|{_VERBS}|{_DESCRIBING}|{_CLAIMS})\b"
_TREATMENT = re.compile(rf"\b{TREATMENT}", re.IGNORECASE)

# Food, leather and the like are cured, and wood and fabrics are treated.
_CURED = (
    r"ham|bacon|gammon|pork|beef|meats?|fish|salmon|trout|herrings?|mackerel|kippers?|sausages?|salami|chorizo|"
    r"prosciutto|charcuterie|cold cuts|egg yolks?|olives|cheeses?|concrete|resins?|leather|hides?|tobacco|vanilla"
)
_TREATED = r"wood|timber|fences?|decking|cotton|fabrics?|leather|paper|glass|steel|water|lawns?"
_SELF = r"(?:your|my|him|her|it|our|them)sel(?:f|ves)"
_PEOPLE = (
    r"(?:(?:your|my|his|her|our|their|the|a) (?:[\w’'-]+ )?"
    r"(?:famil(?:y|ies)|friends?|loved ones?|mum|mother|dad|father|children|kids|partner|wife|husband|dog|cat|team))"
)
_OTHER_SENSES = re.compile(
    rf"\b(?:(?:air|dry|salt|smoke|sugar|home|wet)[- ]?cured\b|cur(?:ed|ing) (?:[\w’'-]+ )?(?:{_CURED})\b|"
    rf"(?:heat|pressure|acid)[- ]?treated\b|treated (?:[\w’'-]+ )?(?:{_TREATED})\b|"
    # Somebody is treated to something, or gets a treat.
    rf"treat(?:s|ed|ing)? (?:{_SELF}|{_PEOPLE}(?= (?:to|with)\b))|"
    r"(?:(?:a|an|the|special|real|perfect|sweet|tasty|festive|baked|home-?made|little|delicious|christmas|easter|"
    r"birthday|cat|dog|tea-?time) )+treats?\b(?! (?:for|of|against) (?:cancer|patients))|"
    r"treats (?:for|and|from|galore|on|in|at|to)\b|(?:and|of|with|our|your|these|some|more) treats\b|"
    r"retail therapy|(?:tree|advice|constituency|councillor[’']?s?[’']?|mp[’']s|parish) surger(?:y|ies))",
    re.IGNORECASE,
)


def treatment_in(words: str) -> str:
    """Return the first word in a text that offers a treatment, or an empty string."""
    found = _TREATMENT.search(_OTHER_SENSES.sub(" ", words))
    return found[0] if found else ""

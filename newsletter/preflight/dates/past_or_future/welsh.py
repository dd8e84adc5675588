"""Welsh: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.past_or_future.date_words import DateWords, right_before, verbs, words

WORDS = DateWords(
    reports=words(
        r"diolch (?:yn fawr |o galon |enfawr )?(?:i|am)|bob blwyddyn|pob blwyddyn|yn flynyddol|lluniau|"
        r"llun|ffilm o(?:'r)?|cofnodion|recordiad|fideo|"
        r"adroddiad (?:o|ar|am)|crynodeb|atgofion|ers|os (?:colloch|na allech|nad oeddech)|"
        r"llongyfarchiadau|cywiriad\s?:|ymddiheur\w+|yr wythnos diwethaf|y mis diwethaf|ddoe|yn ddiweddar|"
        r"er cof",
    ),
    reports_before=right_before(
        r"ers",
        r"dyddiedig",
        r"wedi'i symud o",
        r"ar ôl",
        r"^(?:yn dilyn|ar ôl|"
        r"wedi) [^,;:]{2,60}",
        r"rhifyn",
    ),
    announces=words(
        r"ymunwch|dewch|cofrestrwch|archebwch|erbyn|dyddiad cau|cofiwch|peidiwch|os gwelwch|croeso|"
        r"gwahoddir|gwahodd|gwahoddwn|"
        r"bydd|byddwn|byddant|cynhelir|edrych(?:wn)? ymlaen|nesaf|diwrnod olaf|cyfle olaf|anfonwch|rhowch|"
        r"ffoniwch|ysgrifennwch|"
        r"gallwch|rhaid|diwrnod agored|i'ch dyddiadur|galwch|beth am|dim hwyrach|tocynnau|"
        r"mynediad am ddim|agorir|dechreuir",
        r"(?:dyddiad|pryd|amser|diwrnod agored|ble a phryd)\s?:",
    ),
    first_day=right_before(r"o|gan ddechrau(?: ar)?"),
    last_day=right_before(
        r"(?:erbyn|tan|cyn|hyd|hyd at|dim hwyrach na|ddim hwyrach na)(?: (?:dydd|nos|hanner nos|diwedd))?",
        r"dyddiad cau(?: yw| ydy)?",
    ),
    looks_back_without_a_known_verb=False,
    past_around=verbs(r"mae(?:'r|'n)?\b[^.!?…]* … wedi"),
    moved_to=words(r"(?:ymestyn|symud|ohirio|gohirio)\w* (?:i|tan|hyd)(?: ddydd| nos)? …"),
    past=verbs(
        r"ganed|ganwyd|bu farw|bu'n rhaid|cynhaliwyd|cawsom|cafwyd|cafodd|oedd|roedd|oeddem|roeddem|"
        r"roeddent|oeddent|bu|bûm|buom|buont|daeth|ddaeth|daethant|daethom|"
        r"agorodd|agorwyd|cyfarfu|cyfarfuom|aeth|aethom|aethant|gwelwyd|gwelsom|sefydlwyd|gwnaeth|"
        r"gwnaethom|"
        r"(?!gwahodd|wahodd|modd|fodd|rhodd|adnodd|gwirfodd|ymadrodd|anodd|hanodd|boddhaodd)\w{3,}odd|"
        r"(?!llwyd|rhwyd)\w{2,}wyd|\w{3,}(?:asom|som|asant|sant|soch)|"
        r"(?:rydym|rydyn|ydym|maent|maen|mae(?:'r|'n| \w+| \w+ \w+)?)(?: ni| nhw)? wedi(?! (?:ei|eu|"
        r"'i) (?:hymestyn|ymestyn|drefnu|trefnu))",
    ),
    present=verbs(
        r"mae|maent|bydd|byddwn|byddant|ydy|yw|gallwch|cynhelir|agorir|dechreuir|cynigir|ceir|rhaid|"
        r"gwahoddwn|gwahoddir|rydym|rydyn|"
        r"\w{2,}wch|hoffem|dylech|disgwylir|gofynnir|croesewir|perfformir|dangosir|lansir|trefnir|edrychwn",
    ),
)

"""English: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.past_or_future.date_words import DateWords, right_before, verbs, words

_DAYPART = (
    r"(?:midnight|noon|midday|the end of(?: the day)?|the end of play|close of business|"
    r"\d{1,2}(?:[:.]\d\d)? ?(?:am|pm))"
)
_IMPERATIVES = (
    r"join|book|register|apply|sign up|sign|send|visit|see|hear|bring|tell|reply|respond|rsvp|save|mark|"
    r"vote|nominate|donate|"
    r"order|buy|get|email|call|ring|write|submit|enter|help|celebrate|meet|attend|drop|pop|look|don't|do|"
    r"let|contact|come|"
    r"keep|put|set|pick|return|complete|fill|reserve|note|remember|give|pay|renew|share|take|try|learn|"
    r"find|discover|enjoy|"
    r"watch|listen|ask|win|stop|start|follow|choose|wear|report|test|plan|arrive|park|collect|explore|"
    r"experience|swap|tune|make|spread|gather|head|support|add|answer|walk|run|cycle|dance|sing|claim|check"
)
_MEETS = (
    r"meet|open|start|begin|close|hold|host|celebrate|invite|ask|hope|plan|want|need|look|offer|welcome|"
    r"launch|return|gather|"
    r"run|publish|expect|leave|visit|show|screen|sing|perform|have|go|turn|move|finish|end|organise|"
    r"organize|remember|"
    r"do|are|would|will"
)
_PARTICIPLES_OF_PLANS = (
    r"extended|moved|postponed|rescheduled|scheduled|planned|arranged|set|fixed|booked|invited|asked|"
    r"required|"
    r"expected|requested|reserved|needed|wanted|due|pencilled in|brought forward|put back|delayed|changed|"
    r"confirmed|organised|"
    r"organized|welcomed"
)
_NO_VERBS = (
    r"need|speed|feed|seed|weed|indeed|limited|united|hundred|sacred|naked|advanced|detailed|dedicated|"
    r"interested|"
    r"delighted|pleased|excited|related|based|called|named|entitled|titled|disabled|experienced|mixed|red|"
    r"bed|shed|bleed|"
    r"greed|breed|creed|reed|unlimited|assorted|guided|recorded|illustrated|registered charity|advanced|"
    r"long-awaited"
)
_IRREGULAR = (
    r"born|was|were|wasn't|weren't|had|hadn't|did|didn't|arose|ate|awoke|became|began|bent|bled|blew|"
    r"bought|bred|broke|"
    r"brought|built|burnt|burst|came|called (?:off|for|on|out)|caught|chose|clung|crept|dealt|drank|drew|"
    r"dreamt|drove|dug|fell|felt|"
    r"fled|flew|fought|"
    r"found|froze|forgot|gave|got|grew|heard|held|hid|hung|kept|knelt|knew|laid|leapt|learnt|led|lent|"
    r"lit up|lost|made|meant|"
    r"met|misled|overcame|paid|ran|rang|rode|rose|said|sang|sank|sat|saw|sent|set fire|shook|shone|shot|"
    r"shrank|slept|slid|sold|"
    r"sought|spent|spoke|sprang|spun|stole|stood|strode|strove|struck|stuck|stung|swam|swept|swore|swung|"
    r"taught|thought|threw|"
    r"told|took|tore|underwent|understood|undertook|went|wept|withdrew|woke|won|wore|wove|wrote|wed|"
    r"(?<!places )(?<!tickets )(?<!spaces )(?<!days )(?<!seats )left(?! for)"
)
_MEDIA = (
    r"photos?|photographs?|pictures?|images?|recordings?|minutes|notes|slides|report|reports|highlights|"
    r"videos?|footage|album|"
    r"summary|memories|results?|feedback|write-up|transcript|snapshots?|review|story|impressions"
)

WORDS = DateWords(
    reports=words(
        r"thank(?:s| you|ing)\b[^.]{0,40}\b(?:everyone|everybody|all|those|you|the \w+|our \w+|who|"
        r"people)\b[^.]{0,50}"
        r"\b(?:who|for (?:coming|joining|attending|being|your \w+|the \w+|all|\w+ing)|that)",
        r"thanks to (?:everyone|everybody|all|our|those|you)",
        r"if you (?:could not|couldn't|missed|did not|didn't|were unable|weren't able|were not able|came|"
        r"attended|joined|were)",
        r"(?:those|people|anyone|everyone|all) who (?:missed|could not|couldn't|came|attended|joined)",
        r"(?:every|each) (?:year|single year|autumn|november|october)|annually|year after year",
        rf"(?:{_MEDIA}) [^.]{{0,60}}?\b(?:of|from|taken (?:on|at))",
        r"anniversary of|in memory of|dated|as (?:of|at)|on this day|the events of|"
        r"last (?:week|month|saturday|sunday|friday|monday|tuesday|wednesday|thursday|weekend)(?:'s)?|"
        r"earlier this month|recently|"
        r"yesterday|previously|sadly",
        r"(?:minutes|proceedings|accounts|figures|data|statistics) (?:of|for|to)",
        r"thank(?:s| you) (?:so much |very much )?for (?:coming|joining|attending|being|taking part|"
        r"helping|supporting|visiting|"
        r"making|all)|(?:is|are) now online|watch (?:our|the) \w+ (?:of|from)|catch up (?:on|with)",
        r"(?:photos?|pictures?|images?|captions?|updated|published|posted|winners?|corrections?) ?:|"
        r"winners? of|apologi[sz]e|apolog(?:y|ies)|congratulations to|well done to|we are sorry that",
    ),
    reports_before=right_before(
        r"^(?:following|after) [^,;:]{3,60}",
        r"since",
        r"dated",
        r"(?:moved|postponed|rescheduled|changed|brought forward) from",
        r"after",
        r"the morning after",
        r"letter of",
        r"every|each",
        r"except|excluding|apart from|other than",
        r"edition of",
        r"issue of",
    ),
    announces=words(
        r"please|join us|save the date|don't miss|do not miss|last (?:day|chance|date)|deadline|"
        r"closing date|rsvp|"
        r"apply (?:by|now)|invite (?:you|all|everyone)|invited|look(?:ing)? forward to (?:see|meet|welcom|"
        r"hear)\w*|hope to see you|"
        r"see you|coming up|upcoming|forthcoming|diary dates?|date for your diary|dates? to remember|"
        r"come (?:along|and|to)|will|"
        r"'ll|won't|tickets (?:are|from|cost)|no later than|at the latest|due (?:on|by)|must|"
        r"next (?:meeting|session|event|walk|"
        r"concert|talk|workshop|fair|class|course|open day|agm)|everyone is welcome|all (?:are )?welcome|"
        r"book (?:your|a|now|by|early|online|tickets?|here)|register (?:by|now|before|here|online|for)|"
        r"is on|are on|takes place|"
        r"there is still time|still time|hurry|remember to|remember,|we need|can you|could you|would you|"
        r"why not|want to|"
        r"fancy|free entry|entry is free|doors open|on sale|to be held|to be",
        r"(?:when|date|where and when|what's on|deadline|open day|event|time) ?:",
    ),
    first_day=right_before(r"(?:from|starting|beginning|as of|as from|effective)(?: on)?"),
    last_day=right_before(
        rf"(?:by|until|till|before|up to|no later than|on or before)(?: {_DAYPART})?(?:,? (?:on|tonight|"
        rf"today))?",
        r"(?:closes?|ends?|closing|finishes|expires?|due|deadline(?: is)?|closing date(?: is)?)(?: on)?",
    ),
    looks_back_without_a_known_verb=False,
    moved_to=words(
        r"(?:have|has|'ve) (?:organi[sz]ed|planned|arranged|booked|scheduled|"
        r"reserved) [^.,…]{0,40} (?:for|on) …",
        rf"(?:{_PARTICIPLES_OF_PLANS}) (?:to|until|for|by|on) …",
    ),
    past=verbs(
        rf"(?<!be )(?<!being )(?:{_IRREGULAR})(?! by (?!midnight|noon|the end|\d)\w)",
        r"(?<!must )(?<!should )(?<!will )(?:has|have|'ve|'s) (?:\w+ ){0,2}?(?:gone|done|seen|given|taken|"
        r"begun|come|written|passed|"
        r"been)(?! (?:\w+ )?"
        rf"(?:{_PARTICIPLES_OF_PLANS})\b(?! from))",
        rf"(?<!is )(?<!are )(?<!be )(?<!being )(?<!a )(?<!an )(?<!the )(?<!our )(?<!your )(?<!get "
        rf")(?<!n't )(?<!been )"
        rf"(?!(?:{_NO_VERBS})\b)(?!(?:{_PARTICIPLES_OF_PLANS}) (?:to|until|for|"
        rf"by)\b)[a-z]{{2,}}ed(?! ?:)(?! by (?!midnight|noon|the end|\d)\w)",
    ),
    present=verbs(
        r"is|are|i am|i'm|will|won't|can|can't|must|may|might|should|needs?|would|shall|opens|closes|"
        r"starts|"
        r"begins|ends|meets|"
        r"expires|finishes|runs (?:from|until|till|to|on|every)|takes place|take place|launches|continues|"
        r"remains|leaves|holds|hosts|invites|welcomes|celebrates|returns|"
        r"happens|comes|presents|performs|plays|speaks|leads|visits|arrives|tours|reads|goes|lasts|"
        r"screens|features|"
        r"(?:applications|registrations?|entries|bookings|nominations|doors|tickets|submissions|polls|"
        r"schools|shops) "
        r"(?:open|close|end|start|begin|go)",
        rf"(?:we|you|they|i)(?: also| all| now| still| both)? (?:{_MEETS})",
        r"please \w+|(?:let's|let us) \w+|to be held",
        rf"(?<=^)(?:{_IMPERATIVES})|(?<=[:;,(-] )(?:{_IMPERATIVES})",
    ),
)

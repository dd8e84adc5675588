"""German: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.past_or_future.date_words import DateWords, right_before, verbs, words
from newsletter.preflight.plain_letters import cased_letters

_STATES = (
    r"geöffnet|geschlossen|eingeladen|geplant|gefragt|gesucht|geeignet|gedacht|gebeten|vorgesehen|"
    r"angesetzt|erforderlich|"
    r"erwünscht|gespannt|willkommen|berechtigt|begrenzt|beschränkt|erreichbar|verlängert|verschoben auf|"
    r"gesperrt|erhältlich|"
    r"erbeten|gewünscht|terminiert|angemeldet sein|besetzt|bereit|gilt|gut|gibt|gern|gerne|genau|"
    r"gemeinsam|ganztägig|begeistert"
)
_PARTICIPLE = (
    rf"(?!(?:{_STATES})\b)(?:\w*ge\w{{2,}}(?:t|en)|\w{{3,}}iert|(?:be|er|ver|ent|zer|miss)\w{{2,}}(?:t|en)|"
    r"teilgenommen|stattgefunden|unternommen|übernommen|überrascht|übergeben|unterschrieben|unterstützt)"
)
_STRONG = (
    r"(?:(?:ab|an|auf|aus|be|bei|durch|ein|ent|er|fest|her|hin|los|mit|nach|nieder|statt|teil|um|unter|"
    r"über|ver|vor|weg|zer|"
    r"zu|zurück|zusammen)*(?:aß|band|bat|befahl|begann|bog|bot|blieb|brach|brann|drang|empfahl|empfing|"
    r"entschied|fand|fiel|fing|"
    r"flog|floh|floss|fraß|fror|fuhr|gab|gefiel|gelang|genoss|geriet|geschah|gewann|ging|glitt|goss|griff|"
    r"grub|half|hielt|"
    r"hieß|hing|hob|kam|klang|kroch|las|lag|lieh|lief|ließ|litt|log|lud|maß|mied|nahm|pfiff|riet|rieb|"
    r"rief|riss|ritt|roch|"
    r"rang|sah|sang|sank|saß|schied|schien|schlief|schlug|schloss|schlich|schmolz|schnitt|schob|schoss|"
    r"schrie|schrieb|schritt|"
    r"schuf|schwamm|schwand|schwang|schwieg|schwor|sprach|sprang|stach|stahl|stand|starb|stieg|stieß|"
    r"strich|stritt|tat|traf|"
    r"trat|trank|trieb|trug|verdarb|verlor|verzieh|war|warb|warf|wich|wies|wog|wuchs|wusch|zog|"
    r"zwang)(?:en|n|e)?)"
)
_WEAK = (
    r"feierten?|eröffneten?|besuchten?|diskutierten?|spielten?|sammelten?|zeigten?|machten?|sagten?|"
    r"erzählten?|lernten?|"
    r"wanderten?|pflanzten?|endeten?|öffneten?|stellten?|berichtete|wählten?|folgten?|dauerten?|"
    r"begrüßten?|freuten?|dankten?|"
    r"gründeten?|kochten?|tanzten?|bauten?|hörten?|führten?|stimmten?|hatten?|wurden?|brachten?|konnten?|"
    r"durften?|mussten?|"
    r"wollten?|dachten?|wussten?|kannten?|nannten?|rannten?|wandten?|setzten?|lebten?|teilten?|"
    r"\w{3,}ierten?|\w{4,}igten?"
)
# Words that end like the past tense, but are of the present or no verbs.
_NOT_PAST = (
    r"(?:\w*(?:arbei|bie|bit|war|star|hal|tre|ra|ret|lei|leis|ach|mie|gestal|veranstal|verwal|berich|rich|"
    r"unterrich|verzich|"
    r"schal|tes|kos|leuch|möch|soll|könn|dürf|müss|hät|beglei|brei|berei|antwor|beob?ach)|heu|gäs|letz|"
    r"nächs|ers|bes|gu|al|zwei|"
    r"drit|vier|fünf|spä|leich|rech|wei|geplan|belieb|bekann|min|wich|mitt|sei|lau|bun|kal|brei|fes|"
    r"let)ten?"
)
_DETERMINER = (
    r"den|die|das|dem|der|ein|eine[nmrs]?|sich|uns|ihre?[nmrs]?|seine?[nmrs]?|unsere?[nmrs]?|von|vom|aus|"
    r"mit|nach|in|im|für|über|auf|"
    r"an|zu|zum|zur|es|wir|als|viele|alle|mehr|etwa|rund|\d+"
)
_MEDIA = (
    r"fotos?|bilder|bild|aufnahmen?|aufzeichnung|protokoll|bericht|mitschnitt|rückblick|eindrücke|videos?|"
    r"ergebnisse?|"
    r"nachlese|fotogalerie|galerie|folien|pressestimmen"
)

WORDS = DateWords(
    reports=words(
        r"(?:danke|dank|danken|dankt|bedanken|bedankt)\b[^.]{0,80}\b(?:allen|alle|denen|jedem|ihnen|euch|"
        r"helfer\w*|"
        r"gäste\w*|für|an)",
        r"jedes jahr|jährlich|alljährlich|alle jahre|in jedem jahr",
        rf"(?:{_MEDIA}) [^.]{{0,60}}?\b(?:vom|von|des|der|zum|zur|über|aus)",
        r"(?:ist|sind|steht|stehen) (?:jetzt |nun )?online|nachlesen|nachhören",
        r"(?:fotos?|bild|bilder|aufnahmen?|korrektur)\s?:|datiert|verpasst haben|"
        r"nicht dabei sein konnten?|nicht kommen konnten?|"
        r"in erinnerung an|jahrestag|gestern|letzte[nr]? (?:woche|monat|samstag|sonntag|freitag)|"
        r"vergangene[nr]?|kürzlich|neulich|leider|"
        r"in der nacht (?:vom|zum)|glückwunsch|entschuldigung|entschuldigen|bedauern",
    ),
    reports_before=right_before(
        r"seit(?: dem)?(?: (?:Abend|Morgen|Nachmittag|Mittag) (?:des|vom))?",
        r"nach dem",
        r"geboren am",
        r"(?:verschoben|verlegt) vom",
        r"Stand",
        r"jeden|seit(?: \w+){1,3} am",
        r"(?:aktualisiert|veröffentlicht|geändert|erstellt|aufgenommen)(?: am)?",
        r"außer(?: am)?",
        r"^(?:nach|infolge) [^,;:]{2,60}",
        r"ausgabe vom",
        r"schreiben vom",
    ),
    announces=words(
        r"bitte|anmeldeschluss|einsendeschluss|bewerbungsschluss|redaktionsschluss|annahmeschluss|"
        r"meldeschluss|letzter tag|"
        r"letzte gelegenheit|frist|bewerbungsfrist|anmeldefrist|stichtag|laden\b[^.]{0,120}\bein|"
        r"lädt\b[^.]{0,120}\bein|"
        r"einladung|eingeladen|willkommen|kommen sie|kommt vorbei|melden sie|seien sie|seid dabei|"
        r"save the date|"
        r"merken sie|vormerken|freuen uns (?:auf|über)|freuen wir uns auf|tag der offenen tür|spätestens|"
        r"anmeldung(?:en)? (?:bis|unter|sind)|"
        r"noch bis|nächste[rsn]?|sehen uns|verpassen|nicht vergessen|findet\b[^.]{0,80}\bstatt|"
        r"finden\b[^.]{0,80}\bstatt|können sie|"
        r"wird|werden|machen sie mit|macht mit|sind sie dabei|eintritt frei|karten (?:gibt|kosten|sind)|"
        r"sichern sie|jetzt",
        r"(?:wann|termin|datum|beginn|ort und zeit|anmeldung|veranstaltung)\s?:",
    ),
    first_day=right_before(r"ab(?: dem)?|mit Wirkung vom|beginnend am"),
    last_day=right_before(
        r"(?:bis|vor|bis spätestens|spätestens|spätestens bis)(?: (?:zum|dem|am|einschließlich|"
        r"mitternacht))?",
        r"(?:anmelde|einsende|bewerbungs|redaktions)schluss(?: ist)?(?: (?:am|der))?",
    ),
    past=verbs(
        r"geboren|gestorben|verstorben|gegründet",
        rf"{_STRONG}|{_WEAK}",
        # A verb stands between a noun and what belongs to the next one; an adjective does not.
        rf"[A-ZÄÖÜ][\w-]+ (?!{_NOT_PAST}\b)[a-zäöü]\w{{2,}}ten? (?:{_DETERMINER})",
        rf"(?:hat|haben|habe|habt|ist|sind|bin)\b(?: [\w,:./-]+){{0,14}}? {_PARTICIPLE}"
        r"(?=[.,!?;:]|$| (?:und|oder|worden|hat|haben|sind))",
        rf"{_PARTICIPLE} (?:hat|haben|sind|ist|wurde|wurden|war|waren)",
    ),
    past_around=verbs(
        # The verb stands right before the date or right after it, or at the end of a subordinate clause.
        rf"… ?,? ?(?!{_NOT_PAST}\b)[a-zäöü]\w{{2,}}ten?",
        rf"(?!{_NOT_PAST}\b)[a-zäöü]\w{{2,}}ten? (?:sich |uns |ihn |sie |es |wir )?(?:am|vom|bis zum|im) …",
        rf", (?:dass|weil|nachdem|als|die|der|das|den|dem) [^,…]*… [^,…]*?(?:{_STRONG}|{_WEAK})(?=[.,;]|$)",
        rf"(?:hat|haben|habe|ist|sind|bin)[^.!?;…]* … [^.!?;…]*?{_PARTICIPLE}(?=[.,!?;:]| ?$| und| oder|"
        rf" worden)",
    ),
    fold=cased_letters,
    looks_back_without_a_known_verb=False,
    moved_to=words(
        r"(?:bis(?: zum)?|auf den|auf) … ?,? ?(?:verlängert|verschoben|verlegt|vertagt|vorgezogen|"
        r"festgelegt|angesetzt)"
    ),
    present=verbs(
        r"ist|sind|wird|werden|findet|finden|öffnet|öffnen|beginnt|beginnen|startet|starten|endet|enden|"
        r"schließt|schließen|lädt|"
        r"laden|kommen sie|kommt|kann|können|muss|müssen|sollten|läuft|gilt|zeigt|zeigen|gibt|"
        r"bietet|bieten|freuen|tagt|spielt|singt|spricht|liest|bitten|erwartet|erwarten|brauchen|suchen|"
        r"treffen wir|wir treffen|feiert|"
        r"feiern|veranstaltet|geht|gehen wir|steht|haben sie|melden|lesen|wandern wir|kostet",
    ),
)

"""German: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.words.date_words import DateWords, right_before, words

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
_VERBS = (
    r"feier|eröffne|besuch|diskutier|spiel|sammel|zeig|mach|sag|erzähl|lern|wander|pflanz|starte|ende|"
    r"öffne|stell|berichte|tag|"
    r"wähl|folg|dauer|lock|begrüß|freu|dank|gründe|koch|tanz|prob|bau|hör|informier|organisier|präsentier|"
    r"führ|stimm|"
    r"beteilig|ehr|verabschied|nutz|red|arbeite|rechne|teil|schick|schenk|leg|setz|bastel|backe|probier|"
    r"test|wart|reis|"
    r"unterstütz|überreich|versammel|beantworte|erklär|probe|strahl|fülle|kehr|melde|äußer|beklag|forder|"
    r"kauf|sorg|verteil"
)
_MEDIA = (
    r"fotos?|bilder|bild|aufnahmen?|aufzeichnung|protokoll|bericht|mitschnitt|rückblick|eindrücke|videos?|"
    r"ergebnisse?|"
    r"nachlese|fotogalerie|galerie|folien|pressestimmen"
)

WORDS = DateWords(
    reports=words(
        r"(?:danke|dank|danken|bedanken)\b[^.]{0,80}\b(?:allen|alle|denen|jedem|ihnen|euch|helfer\w*|"
        r"gäste\w*|für|an)",
        r"jedes jahr|jährlich|alljährlich|alle jahre|in jedem jahr",
        rf"(?:{_MEDIA}) [^.]{{0,60}}?\b(?:vom|von|des|der|am|zum|zur|über|aus)",
        r"datiert|verpasst haben|nicht dabei sein konnten?|nicht kommen konnten?|"
        r"in erinnerung an|jahrestag|gestern|letzte[nr]? (?:woche|monat|samstag|sonntag|freitag)|"
        r"vergangene[nr]?|kürzlich|neulich|leider|"
        r"in der nacht (?:vom|zum)|glückwunsch",
    ),
    reports_before=right_before(
        r"seit(?: dem)?",
        r"nach dem",
        r"geboren am",
        r"(?:verschoben|verlegt) vom",
        r"stand",
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
    last_day=right_before(
        r"(?:bis|vor|bis spätestens|spätestens|spätestens bis)(?: (?:zum|dem|am|einschließlich|"
        r"mitternacht))?",
        r"(?:anmelde|einsende|bewerbungs|redaktions)schluss(?: ist)?(?: (?:am|der))?",
    ),
    past=words(
        r"war|waren|hatten?|wurden?|gab|gaben|fand|fanden|trafen?|kam|kamen|ging|gingen|nahm|nahmen|"
        r"sprach|sprachen|"
        r"begann|begannen|stand|standen|las|lasen|sang|sangen|hielt|hielten|lud|luden|sah|sahen|trat|"
        r"traten|schrieb|schrieben|"
        r"zog|zogen|starb|starben|erhielt|erhielten|verlieh|gewann|gewannen|beschloss|beschlossen|"
        r"entstand|entstanden|verlor|"
        r"erschien|erschienen|bekam|bekamen|half|halfen|brachten?|konnten?|durften?|mussten?|wollten?|"
        r"blieb|blieben|lief|liefen|"
        r"trug|trugen|fiel|fielen|verging|schloss|schlossen|saß|saßen|aß|aßen|bot|boten|rief|riefen|ließ|"
        r"ließen|stieg|floss|"
        r"empfing|vergab|dachten?|wussten?|kannten?|schien|traf",
        r"geboren|gestorben|verstorben|gegründet|brach|brachen|entschied|entschieden|wuchs|warf|schlug|"
        r"schlugen|fuhr|fuhren|flog|"
        r"flogen|fing|fingen|griff|litt|wies|hieß|trieb|sank|verschwand|band|empfahl|verließ|verließen|"
        r"\w{4,}igten?",
        rf"(?:{_VERBS})(?:e?te[n]?)|\w{{3,}}ierten?",
        rf"(?:hat|haben|habe|habt|ist|sind|bin)\b(?: [\w,:./-]+){{0,14}}? {_PARTICIPLE}(?=[.,!?;:]|$|"
        rf" (?:und|oder|worden|hat|haben|sind))",
        rf"{_PARTICIPLE} (?:hat|haben|sind|ist|wurde|wurden|war|waren)",
    ),
    past_around=words(
        rf"(?:hat|haben|habe|ist|sind|bin)[^.!?;…]* … [^.!?;…]*?{_PARTICIPLE}(?=[.,!?;:]| ?$| und| oder| worden)"
    ),
    moved_to=words(
        r"(?:bis(?: zum)?|auf den|auf) … ?,? ?(?:verlängert|verschoben|verlegt|vertagt|vorgezogen|festgelegt|angesetzt)"
    ),
    present=words(
        r"ist|sind|wird|werden|findet|finden|öffnet|öffnen|beginnt|beginnen|startet|starten|endet|enden|"
        r"schließt|schließen|lädt|"
        r"laden|kommen sie|kommt|kann|können|muss|müssen|sollten|läuft|gilt|zeigt|zeigen|gibt|"
        r"bietet|bieten|freuen|tagt|spielt|singt|spricht|liest|bitten|erwartet|erwarten|brauchen|suchen|"
        r"treffen wir|wir treffen|feiert|"
        r"feiern|veranstaltet|geht|gehen wir|steht|haben sie|melden|lesen|wandern wir|kostet",
    ),
)

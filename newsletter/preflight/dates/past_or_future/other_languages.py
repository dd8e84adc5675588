"""Spanish, Italian, Dutch, Polish and Portuguese, roughly: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.past_or_future.date_words import DateWords, right_before, verbs, words

WORDS = DateWords(
    reports=words(
        r"gracias a|agradecemos|cada año|todos los años|fotos? de|nació|murió|fundad[oa]|desde",
        r"grazie a|ringraziamo|ogni anno|nat[oa]|fondat[oa]|mort[oa]|foto del",
        r"bedankt|dank aan|elk jaar|ieder jaar|jaarlijks|foto's van|geboren|overleden|opgericht|sinds",
        r"dziękujemy|co roku|zdjęcia z|urodził\w*|zmarł\w*|od|obrigad[oa]|todos os anos|nasceu|morreu",
    ),
    reports_before=right_before(r"desde(?: el)?", r"dal", r"sinds", r"od", r"desde o"),
    announces=words(
        r"por favor|únase|únete|venga|vengan|inscríbase|inscríbete|reserve|fecha límite|último día|será|"
        r"tendrá lugar|les invitamos",
        r"venite|iscriviti|iscrivetevi|prenota|scadenza|vi invitiamo|si terrà|sarà|ultimo giorno",
        r"kom|meld|aanmelden|schrijf|uiterlijk|sluitingsdatum|nodigen|zal|wordt|doe mee|laatste dag",
        r"zapraszamy|prosimy|termin|odbędzie|przyjdź|zapisz|venha|inscreva|prazo|convidamos|terá lugar",
    ),
    first_day=right_before(r"a partir del?|dal|vanaf|od|a partir de"),
    last_day=right_before(
        r"(?:hasta|antes de|antes del|hasta el|entro|entro il|fino al|prima del|tot|voor|tot en met|"
        r"uiterlijk|do|przed|até|até ao|"
        r"antes de)(?: el| il| op)?",
    ),
    past=verbs(
        r"fue|fueron|era|tuvo|celebró|celebramos|vinieron|reunió|reunimos|abrió|inauguró|asistieron|hubo|"
        r"è stato|è stata|sono stati|si è tenut[oa]|abbiamo|hanno|era|erano|ha|"
        r"was|waren|werd|werden gehouden|kwamen|kwam|hield|hielden|opende|openden|had|hadden|ging|gingen|"
        r"vond|vonden|"
        r"był|była|było|były|odbył\w*|spotka\w+ się|przyszł\w*|foi|foram|houve|teve|vieram|\w{3,}(?:aron|"
        r"ieron)",
    ),
    present=verbs(
        r"es|son|será|abre|cierra|empieza|termina|puede|pueden|apre|chiude|inizia|finisce|sarà|potete|"
        r"is|zijn|opent|sluit|begint|eindigt|kunt|kan|jest|są|będzie|zaczyna|kończy|é|são|começa|termina|"
        r"pode",
    ),
)

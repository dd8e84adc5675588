"""French: whether a sentence announces a date or tells of it."""

from newsletter.preflight.dates.past_or_future.date_words import DateWords, right_before, verbs, words

_PARTICIPLE = (
    r"(?:\w{2,}(?:é|ée|és|ées)|été|eu|pu|dû|vu|lu|tenu|venu|reçu|connu|vendu|rendu|attendu|répondu|perdu|"
    r"couru|paru|voulu|"
    r"fait|pris|mis|appris|compris|remis|promis|permis|fini|réuni|choisi|accueilli|réussi|servi|suivi|"
    r"fourni|rempli|dit|écrit|"
    r"ouvert|offert|découvert|joint|rejoint|couvert|vécu|conduit|construit|produit|détruit|traduit|"
    r"introduit|éteint|atteint|peint|souffert|conclu|battu|élu|entendu|descendu|survenu|devenu|revenu|"
    r"maintenu|obtenu|soutenu|parcouru)(?:e|s|es)?"
)
_NOUNS = r"(?:lieu|besoin|envie|huit|midi|droit|froid|tort|soif|peur|une?s?|six|dix|trois|deux|plus d'un)"
_NOT_PAST = r"(?:fait|parfait|souhait|satisfait|extrait|portrait|forfait|distrait|abstrait)"
_OF_MOVEMENT = (
    r"(?:venu|allé|arrivé|parti|resté|réuni|né|mort|décédé|entré|devenu|passé|tombé|sorti|retourné|"
    r"rassemblé|retrouvé|"
    r"déroulé|tenu|terminé|intervenu|rencontré|rendu)(?:e|s|es)?"
)
_MEDIA = (
    r"photos?|photographies|images|enregistrement|compte[ -]rendu|procès-verbal|vidéos?|résultats?|"
    r"souvenirs|reportage|"
    r"rediffusion|bilan|diaporama|album"
)

WORDS = DateWords(
    reports=words(
        r"merci (?:\w+ )?(?:à|aux) (?:tous|toutes|tou\w*|celles|ceux|la|les|nos|chacun\w*|vous|bénévoles|"
        r"participants)|"
        r"merci d'(?:être|avoir)|remerci\w+|merci pour",
        r"chaque année|tous les ans|annuellement|chaque 1?\d",
        rf"(?:{_MEDIA}) [^.]{{0,60}}?(?:du|de|des|de la|prises?)",
        r"(?:est|sont) (?:maintenant |désormais )?en ligne",
        r"(?:photos?|images?|légende|correction) ?:|datée?|si vous (?:n'avez|avez manqué|étiez)|"
        r"n'ont pas pu|n'avez pas pu|"
        r"hier|la semaine dernière|le mois dernier|dernièrement|récemment|anniversaire d[eu]|en mémoire|"
        r"félicitations|bravo|excus\w+|désolée?s?|regrettons",
    ),
    reports_before=right_before(
        r"^(?:après|suite à|à la suite de) [^,;:]{2,60}",
        r"depuis(?: le)?",
        r"daté[e]? du",
        r"chaque|depuis (?:\w+ ){1,4}le",
        r"(?:mise?s? à jour|publiée?s?|modifiée?s?|postée?s?)(?: le)?",
        r"sauf(?: le)?",
        r"né[e]? le",
        r"après le",
        r"(?:reporté|déplacé|reportée|avancé)[es]* du",
        r"numéro du",
        r"lettre du",
    ),
    announces=words(
        r"venez|rejoignez|inscrivez|réservez|envoyez|n'oubliez|ne manquez|ne ratez|répondez|participez|"
        r"retrouvez|rendez-vous|date limite|"
        r"dernier (?:jour|délai)|au plus tard|clôture|invit(?:ons|e|és|ées|ation)|s'il vous plaît|"
        r"merci de(?! nous avoir)|"
        r"attendons|vos agendas|prochaine?s?|portes ouvertes|aura lieu|auront lieu|a lieu|ont lieu|pouvez|"
        r"inscriptions? (?:avant|jusqu)|"
        r"à bientôt|il faut|entrée (?:libre|gratuite)|encore temps|n'hésitez|profitez|notez|faites|soyez|"
        r"déposez|votez|"
        r"sera|seront|tiendra|dernière chance|plus que quelques",
        r"(?:date|quand|horaires?|inscription|date limite|portes ouvertes) ?:",
    ),
    first_day=right_before(r"(?:à partir|à compter) d[ue]|dès(?: le)?|à dater du"),
    last_day=right_before(
        r"(?:avant|jusqu'au|jusqu'à|d'ici|d'ici au|au plus tard)(?: (?:le|ce|au|minuit))?",
        r"(?:date limite|clôture)(?: est)?(?: (?:le|au))?",
        r"(?:fixée?s?|reportée?s?|prolongée?s?|prévue?s?) (?:au|le|pour le|jusqu'au)",
    ),
    looks_back_without_a_known_verb=False,
    moved_to=words(r"(?:report|prolong|déplac|repouss|avanc|fix|prév)\w+ (?:au|jusqu'au|le|pour le|à) …"),
    past=verbs(
        rf"(?:a|ont|avons|avez|ai|as|n'a|n'ont|n'avons|n'avez)\s+(?!{_NOUNS}\b)(?:(?:\w+ment|pas|plus|"
        rf"déjà|bien|tous|toutes|tout|"
        rf"encore|aussi|jamais|enfin|ainsi|même|trop|rien|vite|nous|"
        rf"été)\s+){{0,2}}(?!{_NOUNS}\b)(?:{_PARTICIPLE}|\w{{2,}}(?:i|u|it|is|ert|int)"
        r"(?:e|s|es)?)",
        r"(?:nous|vous) (?:l'|le |la |les |y )?\w{3,}(?<!r)(?:ions|iez)",
        rf"(?!{_NOT_PAST}\b)\w{{3,}}(?<!r)ait",
        r"(?:s'est|se sont|nous nous sommes|vous vous êtes|s'étaient|s'était)\s+(?:\w+\s)?\w{2,}(?:é|i|u|"
        r"s|t)(?:e|s|es)?|tomba|"
        r"commença|ferma|donna|parla|arriva|annonça|décida|gagna|quitta|devint|sembla|resta|\w{4,}irent|"
        r"\w{4,}urent|quittée?s?",
        rf"(?:est|sont|sommes|êtes|suis)\s+(?:\w+\s+){{0,2}}?{_OF_MOVEMENT}",
        r"née?s?|morte?s?|décédée?s?|fondée?s?|étiez|aviez|était|étaient|étions|avait|avaient|avions|fut|"
        r"furent|eut|eurent|vint|fit|firent|prit|prirent|ouvrit|tint|mourut|naquit|"
        r"reçut|put|dut|\w{3,}èrent|\w{3,}aient|réunissait|accueillait|rassemblait",
    ),
    present=verbs(
        r"nous (?!avons|étions|avions|sommes)\w{3,}ons(?<!ions)|est|sont|sera|seront|aura|auront|ouvre|"
        r"ouvrent|ferme|ferment|commence|commencent|débute|débutent|se termine|a lieu|ont lieu|"
        r"se tient|tiendra|tiendront|peut|pouvez|peuvent|devez|doit|doivent|invitons|invite|attendons|"
        r"organisons|organise|"
        r"propose|proposons|venez|rejoignez|inscrivez|réservez|envoyez|répondez|faut|accueille|"
        r"accueillons|présente|"
        r"célèbre|célébrons|fêtons|donne|recevez|\w{2,}(?:erons|erez|erez|eront|irons|irez|iront|drons|"
        r"drez|dront)|"
        r"ouvrira|fermera|commencera|débutera|accueillera|présentera|donnera|parlera|chantera|jouera|"
        r"partira|viendra|finira|"
        r"se (?:déroule|déroulera|terminera|réunit|réunira)|réunit|lance|part|arrive|jouent|joue|chante|"
        r"parle",
    ),
)

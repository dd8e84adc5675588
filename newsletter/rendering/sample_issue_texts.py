"""The texts of the sample issue, in a few languages that are hard to design for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SampleWords:
    """The texts of the sample in one language. `titles` and `texts` are used in turn."""

    publication: str
    organisation: str
    tagline: str
    sections: tuple[str, str]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    author: str
    button: str


ENGLISH = SampleWords(
    "The Harbour Letter",
    "Harbour Trust",
    "News from the coast, every Thursday",
    ("Research", "From the community"),
    (
        "What the tide tables do not tell you about the new sea wall",
        "Ferry times for spring",
        "Volunteers counted 214 nests in a single weekend, more than in any year since the count began",
        "Is the water clean enough to swim in?",
    ),
    (
        "Three engineers and a fisherman explain why the wall is where it is. Their answers differ.",
        "The first boat now leaves at 6.40.",
        "The count took place on 21 and 22 February. Two beaches were left out because of the weather.",
    ),
    "Ann Lee",
    "Give today",
)
GERMAN = SampleWords(
    "Hafennachrichten",
    "Hafenstiftung",
    "Neues von der Küste, jeden Donnerstag",
    ("Forschung", "Aus der Gemeinde"),
    (
        "Was die Gezeitentafeln über die neue Ufermauer verschweigen",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützen: eine Ausstellung",
        "Freiwillige zählten an einem Wochenende 214 Nester, mehr als in jedem Jahr seit Beginn der Zählung",
        "Ist das Wasser sauber genug zum Schwimmen?",
    ),
    (
        "Drei Ingenieurinnen und ein Fischer erklären, warum die Mauer dort steht. Ihre Antworten gehen auseinander.",
        "Das erste Boot fährt jetzt um 6.40 Uhr.",
        "Gezählt wurde am 21. und 22. Februar. Zwei Strände fehlen wegen des Wetters.",
    ),
    "Änne Großmann-Überschär",
    "Jetzt spenden",
)
ARABIC = SampleWords(
    "رسالة الميناء",
    "مؤسسة الميناء",
    "أخبار الساحل كل خميس",
    ("أبحاث", "من المجتمع"),
    (
        "ما لا تخبرك به جداول المد والجزر عن الجدار البحري الجديد",
        "مواعيد العبّارة في الربيع",
        "أحصى المتطوعون 214 عشًا في عطلة نهاية أسبوع واحدة",
        "هل الماء نظيف بما يكفي للسباحة؟",
    ),
    (
        "ثلاثة مهندسين وصياد يشرحون سبب وجود الجدار في مكانه. تختلف إجاباتهم، ونحن ننشرها كلها.",
        "يغادر القارب الأول الآن عند الساعة 6:40.",
        "أُجري الإحصاء يومي 21 و22 فبراير. استُبعد شاطئان بسبب الطقس.",
    ),
    "ليلى حداد",
    "تبرّع اليوم",
)
JAPANESE = SampleWords(
    "港だより",
    "港財団",
    "海辺のニュースを毎週木曜日に",
    ("研究", "地域から"),
    (
        "新しい防波堤について潮見表が教えてくれないこと",
        "春のフェリー時刻表",
        "ボランティアが週末だけで214の巣を数えた、調査開始以来で最も多い",
        "泳げるほど水はきれいか",
    ),
    (
        "三人の技術者と一人の漁師が、堤防がなぜそこにあるのか、嵐のときに何をするのかを説明する。答えはそれぞれ違うが、四つとも掲載する。",
        "始発の船は6時40分に出る。",
        "調査は二月二十一日と二十二日に行われた。天候のため二つの浜辺は含まれていない。",
    ),
    "佐藤花子",
    "寄付する",
)
SAMPLES = {"en": ENGLISH, "de": GERMAN, "ar": ARABIC, "ja": JAPANESE}


def sample_words(language: str) -> SampleWords:
    """Return the texts in a language, or else in English."""
    return SAMPLES.get(language.split("-", maxsplit=1)[0].lower(), ENGLISH)

"""The names of months and weekdays as texts write them: without accents, in lower case (see plain_letters.py)."""

from functools import lru_cache

from newsletter.articles.month_names import MONTHS

# Shorter names are abbreviations, which can be ordinary words of another language, such as “set”.
_LONG_ENOUGH = 5
_SHORT_BUT_WHOLE = (
    "may mai maj mayo maio mei mars marz mart juin juni june july juli juil aout luty maja maia"
)
# Welsh names with their mutations, and Arabic names as they are used from Morocco to Iraq.
_MORE_MONTHS = """
ionawr يناير جانفي|كانون الثاني
chwefror gwefror فبراير فيفري شباط
mawrth fawrth مارس اذار
ebrill ابريل افريل نيسان
mai fai مايو ماي ايار
mehefin fehefin يونيو جوان حزيران
gorffennaf orffennaf يوليو يوليوز جويلية تموز
awst اغسطس غشت اوت اب
medi fedi سبتمبر شتنبر ايلول
hydref اكتوبر|تشرين الاول
tachwedd dachwedd thachwedd nhachwedd نوفمبر نونبر|تشرين الثاني
rhagfyr ragfyr ديسمبر دجنبر|كانون الاول
"""
_SHORT_MONTHS = {
    "en": "jan feb mar apr may jun jul aug sep|sept oct nov dec",
    "de": "jan|jan feb mar|mrz apr mai jun jul aug sep|sept okt nov dez",
    "fr": "janv|jan fevr|fev mars avr mai juin juil aout sept|sep oct nov dec",
    "cy": "ion chwef|chwe maw ebr mai meh gorff|gor awst med hyd tach rhag|rha",
    "es": "ene feb mar abr may jun jul ago sept|sep oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set|sett ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep|sept okt nov dec",
}
_WEEKDAYS = """
monday montag lundi lunes lunedi maandag poniedzialek segunda-feira الاثنين
tuesday dienstag mardi martes martedi dinsdag wtorek terca-feira الثلاثاء
wednesday mittwoch mercredi miercoles mercoledi woensdag sroda quarta-feira الاربعاء
thursday donnerstag jeudi jueves giovedi donderdag czwartek quinta-feira الخميس
friday freitag vendredi viernes venerdi vrijdag piatek sexta-feira الجمعة
saturday samstag sonnabend samedi sabado sabato zaterdag sobota السبت
sunday sonntag dimanche domingo domenica zondag niedziela الاحد
"""
# Welsh names stand after “dydd” or “nos”, because the name of Tuesday is that of March as well.
_WELSH_WEEKDAYS = "llun|lun mawrth|fawrth mercher|fercher iau gwener|wener sadwrn sul"
_SHORT_WEEKDAYS = {
    "en": "mon tue|tues wed|weds thu|thur|thurs fri sat sun",
    "de": "mo di mi do fr sa so",
    "fr": "lun mar mer jeu ven sam dim",
    "es": "lun mar mie jue vie sab dom",
    "it": "lun mar mer gio ven sab dom",
    "nl": "ma di wo do vr za zo",
}


@lru_cache(maxsize=64)
def month_names(language: str) -> dict[str, int]:
    """Return the number of each month by its names: whole names in all languages, short ones in this and English."""
    found = {
        name: month
        for name, month in MONTHS.items()
        if len(name) >= _LONG_ENOUGH or name in _SHORT_BUT_WHOLE.split() or language not in _SHORT_MONTHS
    }
    for month, names in enumerate(_MORE_MONTHS.strip().splitlines(), start=1):
        single, _, double = names.partition("|")
        found |= dict.fromkeys(single.split(), month)
        if double:
            found[double] = month
    for each in ("en", language):
        found |= _numbered(_SHORT_MONTHS.get(each, ""), first=1)
    return found


@lru_cache(maxsize=64)
def weekday_names(language: str) -> dict[str, int]:
    """Return the number of each weekday, Monday being 0, by its names: short ones in this language and English."""
    found = {name: day for day, names in enumerate(_WEEKDAYS.strip().splitlines()) for name in names.split()}
    for name, day in _numbered(_WELSH_WEEKDAYS, first=0).items():
        found |= dict.fromkeys((f"dydd {name}", f"ddydd {name}", f"nos {name}"), day)
    for each in ("en", language):
        found |= _numbered(_SHORT_WEEKDAYS.get(each, ""), first=0)
    return found


def _numbered(names: str, *, first: int) -> dict[str, int]:
    return {
        name: number
        for number, several in enumerate(names.split(), start=first)
        for name in several.split("|")
    }
